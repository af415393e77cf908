//! How nodes are asked which of them has which slot.

use std::{
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use redis::{Cmd, RedisError, RedisResult, Value};
use tokio::time::timeout;

use super::{
    map::{Address, Slots},
    nodes::{Node, Nodes, no_master},
};
use crate::link::{
    Request,
    joint::{Joint, Waiting},
    no_connection_in_time,
};

/// How often the map is asked for at most because slots move one by one: what a node says of each is enough.
const SELDOM: Duration = Duration::from_secs(1);

/// The asking that goes on; when the last one ended, and how it went wrong.
#[derive(Default)]
pub(super) struct Search {
    going_on: Joint<RedisResult<()>>,
    ended: Option<Instant>,
    failed: Option<RedisError>,
}

/// Who is asked for the map first.
pub(super) enum Whom {
    Anyone,
    /// It said something new, or somebody did of it.
    This(Arc<Node>),
    /// It does not answer.
    AnyoneBut(Address),
}

impl Nodes {
    /// Asks for the map, unless somebody has since it was `seen`.
    pub(super) async fn look(&self, seen: u64, whom: Whom) -> RedisResult<()> {
        match self.begin(seen, whom) {
            Some(asked) => {
                let learnt = asked.outcome().await;
                learnt.unwrap_or_else(|| Err(no_connection_in_time()))
            }
            None => self.search().failed.clone().map_or(Ok(()), Err),
        }
    }

    /// Asks for the map while others go on.
    pub(super) fn look_soon(&self, seen: u64, whom: Whom) {
        drop(self.begin(seen, whom));
    }

    /// The same, but not again and again.
    pub(super) fn look_seldom(&self, seen: u64, whom: Whom) {
        let ended = self.search().ended;
        if ended.is_none_or(|at| at.elapsed() > SELDOM) {
            self.look_soon(seen, whom);
        }
    }

    fn begin(&self, seen: u64, whom: Whom) -> Option<Waiting<RedisResult<()>>> {
        let mut search = self.search();
        if self.map().asked > seen {
            return None;
        }
        // It is there as long as somebody has a reference.
        let this = self.this.upgrade()?;
        let asked = search.going_on.join(|| async move {
            let found = timeout(this.way.connect_timeout, this.ask(whom)).await;
            this.learn(found.unwrap_or_else(|_| Err(no_connection_in_time())))
        });
        Some(asked)
    }

    fn learn(&self, found: RedisResult<Slots>) -> RedisResult<()> {
        let mut search = self.search();
        let learnt = {
            let mut map = self.map();
            map.asked += 1;
            found.and_then(|slots| map.replace(slots, |at| self.make(at)))
        };
        search.ended = Some(Instant::now());
        search.failed = learnt.as_ref().err().cloned();
        drop(search);
        if learnt? {
            (self.way.given_up)();
        }
        Ok(())
    }

    /// What the first one answers who knows. Those who are less likely to are asked once the others
    /// have failed or are slow: one that is silent says so by the passing of time alone.
    async fn ask(&self, whom: Whom) -> RedisResult<Slots> {
        let long = self.way.connect_timeout / 4;
        let mut groups = self.groups(whom)?.into_iter();
        let mut asked = FuturesUnordered::new();
        let mut failed = None;
        loop {
            let next = groups.next();
            let is_last = next.is_none();
            asked.extend(next.into_iter().flatten().map(ask_one));
            let first = async {
                while let Some(answer) = asked.next().await {
                    match answer {
                        Ok(slots) => return Some(slots),
                        Err(error) => failed = Some(error),
                    }
                }
                None
            };
            let found = if is_last {
                first.await
            } else {
                timeout(long, first).await.unwrap_or_default()
            };
            match found {
                Some(slots) => return Ok(slots),
                None if is_last => return Err(failed.unwrap_or_else(no_master)),
                None => {}
            }
        }
    }

    fn groups(&self, whom: Whom) -> RedisResult<[Vec<Arc<Node>>; 3]> {
        let (masters, others) = {
            let map = self.map();
            (map.nodes().to_vec(), map.others())
        };
        let (first, but) = match whom {
            Whom::Anyone => (Vec::new(), None),
            Whom::This(node) => (vec![node], None),
            Whom::AnyoneBut(at) => (Vec::new(), Some(at)),
        };
        let may =
            |at: &Address| but.as_ref() != Some(at) && first.iter().all(|node| node.at != *at);
        let masters = masters.into_iter().filter(|node| may(&node.at)).collect();
        let others = others.iter().filter(|at| may(at)).map(|at| self.make(at));
        let others = others.collect::<RedisResult<_>>()?;
        Ok([first, masters, others])
    }

    fn search(&self) -> MutexGuard<'_, Search> {
        self.search.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask_one(node: Arc<Node>) -> RedisResult<Slots> {
    let mut cmd = Cmd::new();
    cmd.arg("CLUSTER").arg("SLOTS");
    let answer = node.line.search(Request::One(&cmd)).await;
    let answer = answer.map_err(|failure| failure.error)?.pop();
    Slots::read(answer.unwrap_or(Value::Nil), &node.at.0).ok_or_else(no_master)
}
