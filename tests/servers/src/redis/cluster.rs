use super::{forming, moving, node::Node, relaying};
use crate::{Kind, Relay, Server, ports::free_ports, run::wait_until};

/// A Redis Cluster of one test's own: six nodes, of which the first three are masters at first, and
/// each of the last three replicates one of them, in their order. A master that is down for a second
/// is replaced by its replica some moments later. Gone, data and all, with this handle.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Server>,
}

impl Cluster {
    /// Starts one; `None`, with a word why, if Redis is not installed.
    ///
    /// # Panics
    /// If it is not installed and `SESSION_TEST_REQUIRE=all`, or it does not start.
    pub fn start() -> Option<Self> {
        let ports = free_ports::<{ forming::PORTS }>();
        let nodes = super::start(Kind::RedisCluster, &forming::members(&ports))?;
        forming::form(&ports);
        Some(Self { nodes })
    }

    /// Its address, with all nodes: `redis+cluster://127.0.0.1:1,127.0.0.1:2,...`.
    pub fn url(&self) -> String {
        forming::url(&self.ports())
    }

    /// The ports that the nodes listen on for clients.
    pub fn ports(&self) -> Vec<u16> {
        self.nodes.iter().map(Server::port).collect()
    }

    /// Ends a node as a power cut would.
    pub fn kill(&self, node: usize) {
        self.nodes[node].kill();
    }

    /// Makes a node answer nothing, though its connections stay.
    pub fn pause(&self, node: usize) {
        self.nodes[node].pause();
    }

    /// Lets a node go on after [`pause`](Self::pause).
    pub fn resume(&self, node: usize) {
        self.nodes[node].resume();
    }

    /// Starts a node again after [`kill`](Self::kill), on the same port and the same data, and waits
    /// until it answers. It may not yet have found the others, see [`settle`](Self::settle).
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&self, node: usize) {
        self.nodes[node].restart();
    }

    /// Waits until all six serve, name every slot's master and replica to clients, and every replica is
    /// linked to its master.
    ///
    /// # Panics
    /// If that does not come to be; it needs all nodes.
    pub fn settle(&self) {
        let ports = self.ports();
        let whole = || forming::whole(&ports);
        assert!(wait_until(whole), "the cluster does not settle");
    }

    /// The node that answers and says itself that it is the master of this slot, by the latest
    /// election if two say so. Waits for one while there is none.
    ///
    /// # Panics
    /// If there is none for long.
    pub fn master_of(&self, slot: u16) -> usize {
        let mut found = None;
        wait_until(|| {
            let claims = self.ports().into_iter().enumerate().filter_map(|it| {
                let node = Node::at(it.1).ok()?;
                node.is_master_of(slot).then_some((node.epoch, it.0))
            });
            found = claims.max();
            found.is_some()
        });
        found.expect("the slot has a master").1
    }

    /// Moves a slot to this master, one key at a time with a pause of some milliseconds after each,
    /// so that clients meet redirections. All masters know when it returns.
    ///
    /// # Panics
    /// If a node refuses, or either end goes down meanwhile.
    pub fn migrate(&self, slot: u16, to: usize) {
        let (from, ports) = (self.master_of(slot), self.ports());
        if from != to {
            moving::move_slot(slot, ports[from], ports[to], &ports).unwrap();
        }
    }

    /// Puts a relay before each of the first three nodes, by which it is known to clients from then on; the
    /// relays, in the nodes' order. Afterwards no node is taken for dead before long.
    ///
    /// # Panics
    /// If a node does not tell clients of them.
    pub fn behind_relays(&self) -> Vec<Relay> {
        relaying::relay(&self.ports())
    }
}
