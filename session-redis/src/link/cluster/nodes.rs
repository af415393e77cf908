//! The nodes of a cluster, and how they are asked which of them has which slot.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::future::select_ok;
use redis::{Cmd, ErrorKind, RedisError, RedisResult, Value};
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard},
    time::timeout,
};

use super::map::{Address, Map, Slots};
use crate::link::{Request, line::Line, no_connection_in_time};

/// How often the map is asked for at most because slots move one by one: what a node says of each is enough.
const SELDOM: Duration = Duration::from_secs(1);

type MakeLine = dyn Fn(&Address) -> RedisResult<Line> + Send + Sync;

/// How a node is connected to, and how long for.
pub(crate) struct Way {
    pub(crate) line: Box<MakeLine>,
    pub(crate) connect_timeout: Duration,
    pub(crate) response_timeout: Duration,
    /// Called when the connection to a node is given up.
    pub(crate) given_up: Box<dyn Fn() + Send + Sync>,
}

/// The nodes of a cluster, and which of them has which slot.
pub(super) struct Nodes {
    pub(super) way: Way,
    map: Mutex<Map>,
    /// Held by whoever asks for the map; when that was, and how it went wrong.
    last: Arc<AsyncMutex<Last>>,
}

#[derive(Default)]
struct Last {
    at: Option<Instant>,
    failed: Option<RedisError>,
}

/// A master.
pub(crate) struct Node {
    pub(super) at: Address,
    pub(super) line: Line,
}

/// Who is asked for the map first.
pub(super) enum Whom {
    Anyone,
    /// It said something new, or somebody did of it.
    This(Arc<Node>),
    /// It does not answer.
    AnyoneBut(Arc<Node>),
}

impl Nodes {
    pub(super) fn new(seeds: Vec<Address>, way: Way) -> Self {
        Self {
            way,
            map: Mutex::new(Map::new(seeds)),
            last: Arc::default(),
        }
    }

    pub(super) async fn master_of(&self, slot: u16) -> RedisResult<Arc<Node>> {
        let seen = {
            let map = self.map();
            if let Some(node) = map.master_of(slot) {
                return Ok(node);
            }
            map.asked
        };
        self.look(seen, Whom::Anyone).await?;
        self.map().master_of(slot).ok_or_else(no_master)
    }

    /// The one at this address.
    pub(super) fn node(&self, at: &Address) -> RedisResult<Arc<Node>> {
        self.map().node(at, |at| self.make(at))
    }

    fn make(&self, at: &Address) -> RedisResult<Arc<Node>> {
        let line = (self.way.line)(at)?;
        let at = at.clone();
        Ok(Arc::new(Node { at, line }))
    }

    /// Asks for the map, unless somebody has since it was `seen`.
    pub(super) async fn look(&self, seen: u64, whom: Whom) -> RedisResult<()> {
        let last = Arc::clone(&self.last).lock_owned();
        let last = timeout(self.way.connect_timeout, last).await;
        let last = last.map_err(|_| no_connection_in_time())?;
        self.look_alone(last, seen, whom).await
    }

    /// Asks for the map while others go on, unless somebody does or has.
    pub(super) fn look_soon(self: &Arc<Self>, seen: u64, whom: Whom) {
        if let Ok(last) = Arc::clone(&self.last).try_lock_owned() {
            let nodes = Arc::clone(self);
            tokio::spawn(async move { drop(nodes.look_alone(last, seen, whom).await) });
        }
    }

    /// The same, but not again and again.
    pub(super) fn look_seldom(self: &Arc<Self>, seen: u64, whom: Whom) {
        if let Ok(last) = self.last.try_lock()
            && last.at.is_none_or(|at| at.elapsed() > SELDOM)
        {
            drop(last);
            self.look_soon(seen, whom);
        }
    }

    async fn look_alone(
        &self,
        mut last: OwnedMutexGuard<Last>,
        seen: u64,
        whom: Whom,
    ) -> RedisResult<()> {
        if self.map().asked > seen {
            return last.failed.clone().map_or(Ok(()), Err);
        }
        let found = timeout(self.way.connect_timeout, self.ask(whom)).await;
        let found = found.unwrap_or_else(|_| Err(no_connection_in_time()));
        let mut map = self.map();
        map.asked += 1;
        let learnt = found.and_then(|slots| map.replace(slots, |at| self.make(at)));
        drop(map);
        if let Ok(true) = learnt {
            (self.way.given_up)();
        }
        let learnt = learnt.map(|_| ());
        *last = Last {
            at: Some(Instant::now()),
            failed: learnt.clone().err(),
        };
        learnt
    }

    /// What the first one answers who knows.
    async fn ask(&self, whom: Whom) -> RedisResult<Slots> {
        let (masters, others) = {
            let map = self.map();
            (map.nodes().to_vec(), map.others().to_vec())
        };
        let (first, but) = match whom {
            Whom::Anyone => (masters.clone(), None),
            Whom::This(node) => (vec![node], None),
            Whom::AnyoneBut(node) => (Vec::new(), Some(node)),
        };
        let may = |at: &Address| but.as_ref().is_none_or(|node| node.at != *at);
        if let Ok(slots) = ask_all(first).await {
            return Ok(slots);
        }
        let masters = masters.into_iter().filter(|node| may(&node.at));
        if let Ok(slots) = ask_all(masters.collect()).await {
            return Ok(slots);
        }
        let others = others.iter().filter(|at| may(at)).map(|at| self.make(at));
        ask_all(others.collect::<RedisResult<_>>()?).await
    }

    pub(super) fn map(&self) -> MutexGuard<'_, Map> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask_all(nodes: Vec<Arc<Node>>) -> RedisResult<Slots> {
    if nodes.is_empty() {
        return Err(no_master());
    }
    let asked = nodes.into_iter().map(|node| Box::pin(ask_one(node)));
    select_ok(asked).await.map(|(slots, _rest)| slots)
}

async fn ask_one(node: Arc<Node>) -> RedisResult<Slots> {
    let mut cmd = Cmd::new();
    cmd.arg("CLUSTER").arg("SLOTS");
    let answer = node.line.send(Request::One(&cmd)).await;
    let answer = answer.map_err(|failure| failure.error)?.pop();
    Slots::read(answer.unwrap_or(Value::Nil), &node.at.0).ok_or_else(no_master)
}

fn no_master() -> RedisError {
    let what = "no node of the cluster is known to have the slot";
    (ErrorKind::ClusterConnectionNotFound, what).into()
}
