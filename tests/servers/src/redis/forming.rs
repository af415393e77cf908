//! Making a cluster of six nodes that know nothing of each other.

use std::io;

use super::{LATE, Member, addresses, ask::ask, node::Node, words};
use crate::run::wait_until;

/// How many nodes have slots at first; each of the others replicates one of them.
pub(crate) const MASTERS: usize = 3;

const SLOTS: usize = 16384;

const NODES: usize = 6;

/// The ports that it needs: where each node listens for clients, and then where for other nodes.
pub(crate) const PORTS: usize = 2 * NODES;

/// After how many milliseconds a node that does not answer is taken for dead. News spreads in half
/// that time.
const SOON: u32 = 1000;

/// Its nodes. Replicas begin at once, and follow however long the master was away. None is named to
/// clients before it has heard something from its master, if only a ping.
pub(crate) fn members(ports: &[u16]) -> Vec<Member> {
    let (ports, buses) = ports.split_at(NODES);
    let member = |(port, bus): (&u16, &u16)| {
        let node =
            format!("--cluster-enabled yes --cluster-port {bus} --cluster-node-timeout {SOON}");
        let replica = "--cluster-replica-validity-factor 0 --repl-diskless-sync-delay 0";
        let line = format!("{node} {replica} --repl-ping-replica-period 1");
        Member {
            port: *port,
            arguments: words(&line),
        }
    };
    ports.iter().zip(buses).map(member).collect()
}

/// Makes them one cluster, and waits until it is [`whole`].
///
/// # Panics
/// If that does not come to be.
pub(crate) fn form(ports: &[u16]) {
    let (nodes, buses) = ports.split_at(NODES);
    let order = |port: u16, words: &str| {
        let answer = ask(port, words);
        answer.unwrap_or_else(|error| panic!("{words}: {error}"));
    };
    for (index, node) in nodes.iter().enumerate() {
        order(*node, &format!("CLUSTER SET-CONFIG-EPOCH {}", index + 1));
    }
    // Only who knows no other may be told its epoch.
    for (index, node) in nodes.iter().enumerate() {
        for (other, bus) in nodes.iter().zip(buses).skip(index + 1) {
            order(*node, &format!("CLUSTER MEET 127.0.0.1 {other} {bus}"));
        }
    }
    for (index, node) in nodes[..MASTERS].iter().enumerate() {
        let (from, next) = (index * SLOTS / MASTERS, (index + 1) * SLOTS / MASTERS);
        order(*node, &format!("CLUSTER ADDSLOTSRANGE {from} {}", next - 1));
    }
    let acquainted = |node: u16| {
        let known = Node::known_to(node)?;
        let met = known.iter().all(|node| !node.is("handshake"));
        io::Result::Ok(known.len() == NODES && met)
    };
    let all = || nodes.iter().all(|node| acquainted(*node).unwrap_or(false));
    assert!(wait_until(all), "the nodes do not find each other");
    for (master, replica) in nodes.iter().zip(&nodes[MASTERS..]) {
        let master = Node::at(*master).unwrap().id;
        order(*replica, &format!("CLUSTER REPLICATE {master}"));
    }
    assert!(wait_until(|| whole(ports)), "the cluster is not whole");
}

/// Has no node of a cluster taken for dead before long.
pub(crate) fn calm(ports: &[u16]) {
    for port in &ports[..NODES] {
        ask(*port, &format!("CONFIG SET cluster-node-timeout {LATE}")).unwrap();
    }
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
                && role("slave") == NODES - MASTERS
                && named
                && (link.contains("role:master") || link.contains("master_link_status:up")),
        )
    };
    ports[..NODES]
        .iter()
        .all(|port| good(*port).unwrap_or(false))
}

/// The address of a cluster with these ports.
pub(crate) fn url(ports: &[u16]) -> String {
    format!("redis+cluster://{}", addresses(&ports[..NODES]))
}
