//! A connection to each master of a cluster, which all operations share.
//!
//! The driver has one of its own. Its requests and its map of slots go through one task, in which a burst of
//! requests that meets a moved slot can leave both waiting for each other, and it waits longer than a
//! response may take where a slot is between two nodes. Here each master is a [`Line`] like a single
//! server's: whatever one of them is up to, the others are served.

mod detour;
mod map;
mod slot;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::future::select_ok;
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, Value};
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard},
    time::{sleep, timeout},
};

pub(crate) use self::map::Address;
pub(super) use self::map::Slots;
use self::{detour::Detour, map::Map, slot::slot_of};
use super::{Failure, Request, line::Line, no_connection_in_time};

/// How often the map is asked for at most because slots move one by one: what a node says of each is enough.
const SELDOM: Duration = Duration::from_secs(1);
/// How many nodes a request is sent to without a pause: nodes learn of a move one after another.
const HOPS: u32 = 3;
const LONGEST_PAUSE: Duration = Duration::from_millis(64);

pub(crate) struct Cluster(Arc<Inner>);

type MakeLine = dyn Fn(&Address) -> RedisResult<Line> + Send + Sync;

/// How a node is connected to, and how long for.
pub(crate) struct Way {
    pub(crate) line: Box<MakeLine>,
    pub(crate) connect_timeout: Duration,
    pub(crate) response_timeout: Duration,
    /// Called when the connection to a node is given up.
    pub(crate) given_up: Box<dyn Fn() + Send + Sync>,
}

struct Inner {
    way: Way,
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
    at: Address,
    line: Line,
}

/// Who is asked for the map first.
enum Whom {
    Anyone,
    /// It said something new, or somebody did of it.
    This(Arc<Node>),
    /// It does not answer.
    AnyoneBut(Arc<Node>),
}

impl Cluster {
    pub(crate) fn new(seeds: Vec<Address>, way: Way) -> Self {
        Self(Arc::new(Inner {
            way,
            map: Mutex::new(Map::new(seeds)),
            last: Arc::default(),
        }))
    }

    /// Sends to the master that has this key, wherever it is.
    pub(crate) async fn send(
        &self,
        key: &[u8],
        request: Request<'_>,
    ) -> Result<Vec<Value>, Failure> {
        let (slot, began) = (slot_of(key), Instant::now());
        let mut node = self.0.master_of(slot).await.map_err(Failure::not_sent)?;
        let (mut invited, mut hops, mut pause) = (false, 0, Duration::from_millis(1));
        loop {
            let seen = self.0.map().asked;
            let answer = if invited {
                send_invited(&node.line, request).await
            } else {
                node.line.send(request).await
            };
            let Some(detour) = Detour::of(&answer, &node.at.0) else {
                return answer;
            };
            invited = false;
            hops += 1;
            let mut wait = hops > HOPS;
            match detour {
                Detour::Lost => {
                    self.look_soon(seen, Whom::AnyoneBut(node));
                    return answer;
                }
                _ if began.elapsed() > self.0.way.response_timeout => {
                    self.look_soon(seen, Whom::AnyoneBut(node));
                    return answer;
                }
                Detour::Moved(to) => {
                    let Ok(to) = self.0.node(&to) else {
                        return answer;
                    };
                    self.0.map().moved(slot, &to);
                    self.look_seldom(seen, Whom::This(Arc::clone(&to)));
                    node = to;
                }
                Detour::Ask(to) => {
                    let Ok(to) = self.0.node(&to) else {
                        return answer;
                    };
                    (node, invited) = (to, true);
                }
                Detour::Wait => {
                    self.look_seldom(seen, Whom::Anyone);
                    wait = true;
                }
                Detour::Unreachable => {
                    let whom = Whom::AnyoneBut(Arc::clone(&node));
                    let looked = self.0.look(seen, whom).await;
                    match self.0.map().master_of(slot) {
                        Some(other) if looked.is_ok() && other.at != node.at => node = other,
                        _ => return answer,
                    }
                }
            }
            if wait {
                sleep(pause).await;
                pause = (2 * pause).min(LONGEST_PAUSE);
                if !invited {
                    node = self.0.master_of(slot).await.map_err(Failure::not_sent)?;
                }
            }
        }
    }

    /// Each master that has slots.
    pub(crate) async fn masters(&self) -> RedisResult<Vec<Arc<Node>>> {
        let seen = self.0.map().asked;
        self.0.look(seen, Whom::Anyone).await?;
        Ok(self.0.map().nodes().to_vec())
    }

    /// What this master answers.
    pub(crate) async fn send_to(&self, node: &Arc<Node>, cmd: &Cmd) -> Result<Vec<Value>, Failure> {
        let seen = self.0.map().asked;
        let answer = node.line.send(Request::One(cmd)).await;
        if let Err(failure) = &answer
            && failure.is_of_the_connection()
        {
            self.look_soon(seen, Whom::AnyoneBut(Arc::clone(node)));
        }
        answer
    }

    /// Asks for the map while others go on, unless somebody does or has.
    fn look_soon(&self, seen: u64, whom: Whom) {
        if let Ok(last) = Arc::clone(&self.0.last).try_lock_owned() {
            let inner = Arc::clone(&self.0);
            tokio::spawn(async move { drop(inner.look_alone(last, seen, whom).await) });
        }
    }

    fn look_seldom(&self, seen: u64, whom: Whom) {
        if let Ok(last) = self.0.last.try_lock()
            && last.at.is_none_or(|at| at.elapsed() > SELDOM)
        {
            drop(last);
            self.look_soon(seen, whom);
        }
    }
}

impl Inner {
    async fn master_of(&self, slot: u16) -> RedisResult<Arc<Node>> {
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

    fn node(&self, at: &Address) -> RedisResult<Arc<Node>> {
        self.map().node(at, |at| self.make(at))
    }

    fn make(&self, at: &Address) -> RedisResult<Arc<Node>> {
        let line = (self.way.line)(at)?;
        let at = at.clone();
        Ok(Arc::new(Node { at, line }))
    }

    /// Asks for the map, unless somebody has since it was `seen`.
    async fn look(&self, seen: u64, whom: Whom) -> RedisResult<()> {
        let last = Arc::clone(&self.last).lock_owned();
        let last = timeout(self.way.connect_timeout, last).await;
        let last = last.map_err(|_| no_connection_in_time())?;
        self.look_alone(last, seen, whom).await
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

    fn map(&self) -> MutexGuard<'_, Map> {
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

/// Sends to a node that does not have the slot yet, as another one said to.
async fn send_invited(line: &Line, request: Request<'_>) -> Result<Vec<Value>, Failure> {
    let mut all = Pipeline::new();
    all.cmd("ASKING");
    match request {
        Request::One(cmd) => drop(all.add_command(cmd.clone())),
        Request::Several(pipeline) => {
            for cmd in pipeline.cmd_iter() {
                all.add_command(cmd.clone());
            }
        }
    }
    let mut answers = line.send(Request::Several(&all)).await?;
    answers.remove(0);
    if let (Request::One(_), Some(answer)) = (request, answers.pop()) {
        let answer = answer.extract_error().map_err(Failure::sent)?;
        return Ok(vec![answer]);
    }
    Ok(answers)
}

fn no_master() -> RedisError {
    let what = "no node of the cluster is known to have the slot";
    (ErrorKind::ClusterConnectionNotFound, what).into()
}
