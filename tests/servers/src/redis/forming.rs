//! Making a cluster of six nodes that know nothing of each other.

use std::io;

use super::{ask::ask, node::Node};
use crate::run::wait_until;

/// Where a node listens: for clients, and for the other nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) port: u16,
    pub(crate) bus: u16,
}

/// How many nodes have slots at first; each of the others replicates one of them.
pub(crate) const MASTERS: usize = 3;

const SLOTS: usize = 16384;

/// The arguments of a node. Replicas begin at once, and follow however long the master was away. None
/// is named to clients before it has heard something from its master, if only a ping.
pub(crate) fn arguments(ports: Ports) -> Vec<String> {
    let bus = ports.bus.to_string();
    let words = [
        "--cluster-enabled yes --cluster-node-timeout 1000 --cluster-replica-validity-factor 0",
        "--repl-diskless-sync-delay 0 --repl-ping-replica-period 1 --cluster-port",
        &bus,
    ];
    let words = words.iter().flat_map(|words| words.split(' '));
    words.map(str::to_owned).collect()
}

/// Makes them one cluster, and waits until it is [`whole`].
///
/// # Panics
/// If that does not come to be.
pub(crate) fn form(nodes: &[Ports]) {
    let order = |node: &Ports, words: &str| {
        let answer = ask(node.port, words);
        answer.unwrap_or_else(|error| panic!("{words}: {error}"));
    };
    for (index, node) in nodes.iter().enumerate() {
        order(node, &format!("CLUSTER SET-CONFIG-EPOCH {}", index + 1));
        for other in &nodes[index + 1..] {
            let Ports { port, bus } = other;
            order(node, &format!("CLUSTER MEET 127.0.0.1 {port} {bus}"));
        }
    }
    for (index, node) in nodes[..MASTERS].iter().enumerate() {
        let (from, next) = (index * SLOTS / MASTERS, (index + 1) * SLOTS / MASTERS);
        order(node, &format!("CLUSTER ADDSLOTSRANGE {from} {}", next - 1));
    }
    let acquainted = |node: &Ports| {
        let known = Node::known_to(node.port)?;
        let met = known.iter().all(|node| !node.is("handshake"));
        io::Result::Ok(known.len() == nodes.len() && met)
    };
    let all = || nodes.iter().all(|node| acquainted(node).unwrap_or(false));
    assert!(wait_until(all), "the nodes do not find each other");
    for (master, replica) in nodes.iter().zip(&nodes[MASTERS..]) {
        let master = Node::at(master.port).unwrap().id;
        order(replica, &format!("CLUSTER REPLICATE {master}"));
    }
    let ports: Vec<_> = nodes.iter().map(|node| node.port).collect();
    assert!(wait_until(|| whole(&ports)), "the cluster is not whole");
}

/// Whether all nodes serve, name every slot's master and replica to clients, and every replica is
/// linked to its master.
pub(crate) fn whole(ports: &[u16]) -> bool {
    let good = |port: u16| {
        let state = ask(port, "CLUSTER INFO")?.text();
        let known = Node::known_to(port)?;
        let well = |node: &&Node| !node.is("fail") && !node.is("fail?");
        let role = |role: &str| known.iter().filter(well).filter(|it| it.is(role)).count();
        // From, to, master, replica.
        let slots = ask(port, "CLUSTER SLOTS")?.list();
        let named = slots.into_iter().all(|slots| slots.list().len() == 4);
        let link = ask(port, "INFO replication")?.text();
        io::Result::Ok(
            state.contains("cluster_state:ok")
                && role("master") == MASTERS
                && role("slave") == ports.len() - MASTERS
                && named
                && (link.contains("role:master") || link.contains("master_link_status:up")),
        )
    };
    ports.iter().all(|port| good(*port).unwrap_or(false))
}

/// The address of a cluster with nodes on these ports.
pub(crate) fn url(ports: &[u16]) -> String {
    let nodes: Vec<_> = ports
        .iter()
        .map(|port| format!("127.0.0.1:{port}"))
        .collect();
    format!("redis+cluster://{}", nodes.join(","))
}
