//! Making clients of a cluster go through relays.

use std::io;

use super::{
    ask::{Reply, ask},
    forming,
};
use crate::{Relay, run::wait_until};

/// Puts a relay before each master of a cluster of these ports, and waits until all nodes name the relays to
/// clients and replicas are linked again, which come through the relays as well.
///
/// # Panics
/// If that does not come to be.
pub(crate) fn relay(ports: &[u16]) -> Vec<Relay> {
    let masters = &ports[..forming::MASTERS];
    let relays: Vec<_> = masters.iter().map(|port| Relay::to(*port)).collect();
    let named: Vec<_> = relays
        .iter()
        .map(|relay| relay.port().to_string())
        .collect();
    for (master, named) in masters.iter().zip(&named) {
        ask(
            *master,
            &format!("CONFIG SET cluster-announce-port {named}"),
        )
        .unwrap();
    }
    let tells = |port: &u16| told(*port).is_ok_and(|told| told == named);
    let all_tell = || ports.iter().all(tells) && forming::whole(ports);
    assert!(wait_until(all_tell), "clients are not told of the relays");
    // Nodes hear of each other by half the time after which they take one for dead: now it may be long.
    forming::calm(ports);
    relays
}

/// The port of each master as this node tells clients, in the order of their slots.
fn told(port: u16) -> io::Result<Vec<String>> {
    let mut ranges: Vec<(u32, String)> = Vec::new();
    for range in ask(port, "CLUSTER SLOTS")?.list() {
        // From, to, master, replica; a node is its host, its port and more.
        let mut parts = range.list().into_iter();
        let from = parts.next().map_or_else(String::new, |from| from.text());
        let master = parts.nth(1).map_or_else(Vec::new, Reply::list);
        let port = master.get(1).map_or_else(String::new, Reply::text);
        ranges.push((from.parse().map_err(io::Error::other)?, port));
    }
    ranges.sort();
    Ok(ranges.into_iter().map(|(_, port)| port).collect())
}
