//! Making sentinels watch over a master and its replicas.

use std::io;

use super::{
    Member, addresses,
    ask::{Reply, ask},
    words,
};
use crate::run::wait_until;

/// The name by which clients ask sentinels for the master.
pub(crate) const SERVICE: &str = "sessions";

/// The data servers, of which the first is the master at first, come before as many sentinels.
pub(crate) const DATA: usize = 3;

/// The ports that it needs.
pub(crate) const PORTS: usize = 2 * DATA;

/// Its servers.
pub(crate) fn members(ports: &[u16]) -> Vec<Member> {
    let member = |(index, port): (usize, &u16)| Member {
        port: *port,
        arguments: words(if index < DATA {
            "--repl-diskless-sync-delay 0 --repl-ping-replica-period 1"
        } else {
            "--sentinel"
        }),
    };
    ports.iter().enumerate().map(member).collect()
}

/// Makes them one group, and waits until it is [`whole`].
///
/// # Panics
/// If that does not come to be.
pub(crate) fn form(ports: &[u16], patience: u32) {
    let order = |port: u16, words: &str| {
        let answer = ask(port, words);
        answer.unwrap_or_else(|error| panic!("{words}: {error}"));
    };
    let (data, sentinels) = ports.split_at(DATA);
    let (master, replicas) = (data[0], &data[1..]);
    for replica in replicas {
        order(*replica, &format!("REPLICAOF 127.0.0.1 {master}"));
        // As sentinels do: it is to know its master when it is restarted.
        order(*replica, "CONFIG REWRITE");
    }
    // Then the sentinels need not ask for the replicas a second time.
    let linked = || {
        replicas
            .iter()
            .all(|port| follows(*port, master).unwrap_or(false))
    };
    assert!(wait_until(linked), "the replicas do not find their master");
    for sentinel in sentinels {
        // How often they ask the servers and tell each other: by default 10 and 2 seconds.
        order(
            *sentinel,
            "SENTINEL DEBUG info-period 500 publish-period 200",
        );
        order(
            *sentinel,
            &format!("SENTINEL MONITOR {SERVICE} 127.0.0.1 {master} 2"),
        );
        let soon = format!("down-after-milliseconds {patience} failover-timeout 2000");
        order(
            *sentinel,
            &format!("SENTINEL SET {SERVICE} {soon} parallel-syncs 2"),
        );
    }
    assert!(wait_until(|| whole(ports)), "the sentinels are not ready");
}

/// Whether every sentinel knows the others, a master that says so itself, and two replicas that are
/// linked to it; and all are up.
pub(crate) fn whole(ports: &[u16]) -> bool {
    let (data, sentinels) = ports.split_at(DATA);
    let good = |sentinel: u16| {
        let master = master(sentinel)?;
        let up = |what: &str, flag: &str| {
            let known = ask(sentinel, &format!("SENTINEL {what} {SERVICE}"))?.list();
            io::Result::Ok(known.len() == 2 && known.into_iter().all(|it| flags(it) == flag))
        };
        let mut replicas = data.iter().filter(|port| **port != master);
        io::Result::Ok(
            up("REPLICAS", "slave")?
                && up("SENTINELS", "sentinel")?
                && leads(master)?
                && replicas.all(|port| follows(*port, master).unwrap_or(false)),
        )
    };
    sentinels.iter().all(|port| good(*port).unwrap_or(false))
}

/// The port of the master, as this sentinel says.
pub(crate) fn master(sentinel: u16) -> io::Result<u16> {
    let address = ask(
        sentinel,
        &format!("SENTINEL GET-MASTER-ADDR-BY-NAME {SERVICE}"),
    )?;
    let port = address.list().pop().map(|port| port.text());
    port.and_then(|port| port.parse().ok())
        .ok_or_else(|| io::Error::other("it knows no master"))
}

/// Whether the server on this port says that it is a master.
pub(crate) fn leads(port: u16) -> io::Result<bool> {
    Ok(role(port)?.first().is_some_and(|role| role == "master"))
}

/// Whether it says that it is linked to this master.
fn follows(port: u16, master: u16) -> io::Result<bool> {
    let expected = ["slave", "127.0.0.1", &master.to_string(), "connected"];
    Ok(role(port)?.starts_with(&expected.map(str::to_owned)))
}

fn role(port: u16) -> io::Result<Vec<String>> {
    let role = ask(port, "ROLE")?.list();
    Ok(role.iter().map(Reply::text).collect())
}

/// What follows "flags" in such a list of names and values.
fn flags(known: Reply) -> String {
    let known: Vec<_> = known.list().iter().map(Reply::text).collect();
    let mut pairs = known.chunks(2).filter(|pair| pair[0] == "flags");
    pairs
        .next()
        .map_or_else(String::new, |pair| pair[1].clone())
}

/// The address of a group with these ports.
pub(crate) fn url(ports: &[u16]) -> String {
    format!("redis+sentinel://{}/{SERVICE}", addresses(&ports[DATA..]))
}
