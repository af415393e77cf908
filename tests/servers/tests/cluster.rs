//! What a handle does to a Redis Cluster.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use session_test_servers::Cluster;

/// The slot of every key that has `{a}` in it.
const SLOT: u16 = 15495;

/// What the node says to these lines, all of it.
fn ask(port: u16, lines: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(format!("{lines}\r\nQUIT\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let answer = answer.strip_suffix("+OK\r\n");
    answer
        .map(str::to_owned)
        .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

#[test]
fn every_node_serves_from_the_start_and_none_is_left_at_the_end() {
    let start = Instant::now();
    let Some(cluster) = Cluster::start() else {
        return;
    };
    eprintln!("started in {:?}", start.elapsed());
    let ports = cluster.ports();
    let addresses: Vec<_> = ports.iter().map(|it| format!("127.0.0.1:{it}")).collect();
    let expected = format!("redis+cluster://{}", addresses.join(","));
    assert_eq!(cluster.url(), expected);
    for port in &ports {
        let slots = ask(*port, "CLUSTER SLOTS").unwrap();
        // Three ranges of slots, each with its master and its replica.
        assert_eq!(slots.matches("127.0.0.1").count(), 6, "{slots}");
    }
    let owner = ports[cluster.master_of(SLOT)];
    for port in &ports {
        let said = ask(*port, "SET {a} 1").unwrap();
        let moved = format!("-MOVED {SLOT} 127.0.0.1:{owner}\r\n");
        assert_eq!(said, if *port == owner { "+OK\r\n" } else { &moved });
    }
    drop(cluster);
    for port in ports {
        assert!(ask(port, "PING").is_err());
    }
}

#[test]
fn a_replica_takes_over_from_a_master_that_is_killed_or_paused() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let ports = cluster.ports();
    let first = cluster.master_of(SLOT);
    assert_eq!(
        ask(ports[first], "SET {a} 1\r\nWAIT 1 1000").unwrap(),
        "+OK\r\n:1\r\n"
    );
    cluster.kill(first);
    let second = cluster.master_of(SLOT);
    assert_eq!((first, second), (2, 5));
    assert_eq!(ask(ports[second], "GET {a}").unwrap(), "$1\r\n1\r\n");
    cluster.restart(first);
    cluster.settle();
    assert_eq!(cluster.master_of(SLOT), second);
    cluster.pause(second);
    assert_eq!(cluster.master_of(SLOT), first);
    cluster.resume(second);
    cluster.settle();
    assert_eq!(ask(ports[first], "GET {a}").unwrap(), "$1\r\n1\r\n");
}

#[test]
fn clients_are_redirected_while_a_slot_moves() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let ports = cluster.ports();
    let (from, to) = (ports[cluster.master_of(SLOT)], ports[0]);
    for key in 0..50 {
        assert_eq!(ask(from, &format!("SET {{a}}{key} 1")).unwrap(), "+OK\r\n");
    }
    let ended = AtomicBool::new(false);
    let asked = thread::scope(|scope| {
        let client = scope.spawn(|| {
            let mut asked = 0;
            while !ended.load(Ordering::SeqCst) {
                let said = ask(from, "EXISTS {a}1 {a}1\r\nGET {a}25").unwrap();
                asked += said.matches("-ASK").count();
            }
            asked
        });
        cluster.migrate(SLOT, 0);
        ended.store(true, Ordering::SeqCst);
        client.join().unwrap()
    });
    assert!(asked > 0);
    assert_eq!(cluster.master_of(SLOT), 0);
    for key in 0..50 {
        assert_eq!(ask(to, &format!("GET {{a}}{key}")).unwrap(), "$1\r\n1\r\n");
    }
    for port in &ports[..3] {
        let said = ask(*port, "GET {a}").unwrap();
        let moved = format!("-MOVED {SLOT} 127.0.0.1:{to}\r\n");
        assert_eq!(said, if *port == to { "$-1\r\n" } else { &moved });
    }
}

#[test]
fn clients_are_led_to_relays_and_replicas_go_on() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let ports = cluster.ports();
    let start = Instant::now();
    let relays = cluster.behind_relays();
    eprintln!("behind relays after {:?}", start.elapsed());
    let owner = cluster.master_of(SLOT);
    for port in &ports {
        let said = ask(*port, "SET {a} 1").unwrap();
        let moved = format!("-MOVED {SLOT} 127.0.0.1:{}\r\n", relays[owner].port());
        let is_owner = *port == ports[owner];
        assert_eq!(said, if is_owner { "+OK\r\n" } else { &moved });
    }
    let said = ask(relays[owner].port(), "SET {a} 2\r\nWAIT 1 1000").unwrap();
    assert_eq!(said, "+OK\r\n:1\r\n");
}
