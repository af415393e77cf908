//! A connection to each master of a cluster, which all operations share.
//!
//! The driver has one of its own. Its requests and its map of slots go through one task, in which a burst of
//! requests that meets a moved slot can leave both waiting for each other, and it waits longer than a
//! response may take where a slot is between two nodes. Here each master is a [`Line`] like a single
//! server's: whatever one of them is up to, the others are served.

mod detour;
mod map;
mod nodes;
mod search;
mod slot;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use redis::{Cmd, Pipeline, RedisResult, Value};
use tokio::time::sleep;

#[cfg(feature = "deadpool")]
pub(super) use self::map::Slots;
use self::{detour::Detour, nodes::Nodes, search::Whom, slot::slot_of};
pub(crate) use self::{
    map::Address,
    nodes::{Node, Way},
};
use super::{Failure, Request, line::Line};

/// How many nodes a request is sent to without a pause: nodes learn of a move one after another.
const HOPS: u32 = 3;
const LONGEST_PAUSE: Duration = Duration::from_millis(64);

pub(crate) struct Cluster(Arc<Nodes>);

impl Cluster {
    pub(crate) fn new(seeds: Vec<Address>, way: Way) -> Self {
        Self(Nodes::new(seeds, way))
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
                    self.0.look_soon(seen, Whom::AnyoneBut(node.at.clone()));
                    return answer;
                }
                _ if began.elapsed() > self.0.way.response_timeout => {
                    self.0.look_soon(seen, Whom::AnyoneBut(node.at.clone()));
                    return answer;
                }
                Detour::Moved(to) => {
                    let Ok(to) = self.0.node(&to) else {
                        return answer;
                    };
                    self.0.map().moved(slot, &to);
                    self.0.look_seldom(seen, Whom::This(Arc::clone(&to)));
                    node = to;
                }
                Detour::Ask(to) => {
                    let Ok(to) = self.0.node(&to) else {
                        return answer;
                    };
                    (node, invited) = (to, true);
                }
                Detour::Wait => {
                    self.0.look_seldom(seen, Whom::Anyone);
                    wait = true;
                }
                Detour::Unreachable => {
                    let whom = Whom::AnyoneBut(node.at.clone());
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
            self.0.look_soon(seen, Whom::AnyoneBut(node.at.clone()));
        }
        answer
    }
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
