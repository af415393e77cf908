//! Moving a slot from one node of a cluster to another, while clients use it.

use std::{io, thread, time::Duration};

use super::{
    ask::{ask, ask_bytes},
    node::Node,
};

/// Between a key and the next, so that clients meet some there and some here.
const PAUSE: Duration = Duration::from_millis(3);

/// Moves the slot between the nodes on these ports, one key at a time, and then tells all masters.
pub(crate) fn move_slot(slot: u16, from: u16, to: u16, all: &[u16]) -> io::Result<()> {
    let (source, target) = (Node::at(from)?.id, Node::at(to)?.id);
    ask(to, &format!("CLUSTER SETSLOT {slot} IMPORTING {source}"))?;
    ask(from, &format!("CLUSTER SETSLOT {slot} MIGRATING {target}"))?;
    thread::sleep(PAUSE);
    loop {
        let keys = ask(from, &format!("CLUSTER GETKEYSINSLOT {slot} 100"))?.list();
        if keys.is_empty() {
            break;
        }
        let port = to.to_string();
        for key in keys {
            // One that is gone meanwhile is no error.
            let (key, port) = (key.bytes(), port.as_bytes());
            let words: [&[u8]; 6] = [b"MIGRATE", b"127.0.0.1", port, &key, b"0", b"1000"];
            ask_bytes(from, &words)?;
            thread::sleep(PAUSE);
        }
    }
    // The new owner first: it must know before the old one sends anyone there.
    for port in [to, from] {
        ask(port, &format!("CLUSTER SETSLOT {slot} NODE {target}"))?;
    }
    for port in all.iter().filter(|port| ![to, from].contains(port)) {
        // Who is down hears of it from the others.
        if Node::at(*port).is_ok_and(|node| node.is("master")) {
            ask(*port, &format!("CLUSTER SETSLOT {slot} NODE {target}"))?;
        }
    }
    Ok(())
}
