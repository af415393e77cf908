//! Groups of Redis servers.

mod ask;
mod cluster;
pub(crate) mod forming;
mod moving;
mod node;
mod relaying;
mod sentinel;
pub(crate) mod watching;

pub use cluster::Cluster;
pub use sentinel::Sentinel;

use crate::{Kind, Server, require::missing, single::Single};

/// After how many milliseconds a shared group takes a server for dead: more than a busy machine keeps
/// one from answering.
pub(crate) const LATE: u32 = 30_000;

/// A server of a group: its port, and its arguments besides those that every Redis server has.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) port: u16,
    pub(crate) arguments: Vec<String>,
}

/// `127.0.0.1:1,127.0.0.1:2,...`
fn addresses(ports: &[u16]) -> String {
    let addresses: Vec<_> = ports.iter().map(|it| format!("127.0.0.1:{it}")).collect();
    addresses.join(",")
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

/// Starts them; `None`, with a word why, if Redis is not installed.
fn start(kind: Kind, members: &[Member]) -> Option<Vec<Server>> {
    if !kind.single().is_installed() {
        missing(kind);
        return None;
    }
    let start = |member: &Member| Server::new(Single::Redis, member.port, &member.arguments);
    Some(members.iter().map(start).collect())
}
