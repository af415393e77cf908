//! The nodes of a cluster.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use redis::{ErrorKind, RedisError, RedisResult};

use super::{
    map::{Address, Map},
    search::{Search, Whom},
};
use crate::link::line::Line;

type MakeLine = dyn Fn(&Address, Box<dyn Fn() + Send + Sync>) -> RedisResult<Line> + Send + Sync;

/// How a node is connected to, and how long for.
pub(crate) struct Way {
    /// Given an address, and what is called while nobody can be reached there.
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
    pub(super) search: Mutex<Search>,
    /// For what is to outlive whoever began it.
    pub(super) this: Weak<Self>,
}

/// A master.
pub(crate) struct Node {
    pub(super) at: Address,
    pub(super) line: Line,
}

impl Nodes {
    pub(super) fn new(seeds: Vec<Address>, way: Way) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            way,
            map: Mutex::new(Map::new(seeds)),
            search: Mutex::default(),
            this: Weak::clone(this),
        })
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

    pub(super) fn make(&self, at: &Address) -> RedisResult<Arc<Node>> {
        let (nodes, but) = (Weak::clone(&self.this), at.clone());
        let unreachable = move || {
            if let Some(nodes) = nodes.upgrade() {
                let seen = nodes.map().asked;
                nodes.look_soon(seen, Whom::AnyoneBut(but.clone()));
            }
        };
        let line = (self.way.line)(at, Box::new(unreachable))?;
        let at = at.clone();
        Ok(Arc::new(Node { at, line }))
    }

    pub(super) fn map(&self) -> MutexGuard<'_, Map> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn no_master() -> RedisError {
    let what = "no node of the cluster is known to have the slot";
    (ErrorKind::ClusterConnectionNotFound, what).into()
}
