//! What a handle does to a Redis master, its replicas and their sentinels.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use session_test_servers::Sentinel;

/// What the server says to these lines.
fn ask(port: u16, lines: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(format!("{lines}\r\nQUIT\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The same where QUIT is not known, as long as the answer comes in one piece.
fn ask_once(port: u16, line: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.write_all(format!("{line}\r\n").as_bytes())?;
    let mut answer = [0; 1000];
    let length = stream.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}

fn start() -> Option<Sentinel> {
    let start = Instant::now();
    let sentinel = Sentinel::start()?;
    eprintln!("started in {:?}", start.elapsed());
    Some(sentinel)
}

#[test]
fn every_sentinel_knows_the_master_until_all_are_gone() {
    let Some(sentinel) = start() else {
        return;
    };
    let ports = sentinel.ports();
    let [data @ .., a, b, c] = ports.as_slice() else {
        panic!("six servers");
    };
    let expected = format!("127.0.0.1:{a},127.0.0.1:{b},127.0.0.1:{c}");
    assert_eq!(
        sentinel.url(),
        format!("redis+sentinel://{expected}/sessions")
    );
    assert_eq!(sentinel.master(), 0);
    for port in [a, b, c] {
        let said = ask_once(*port, "SENTINEL get-master-addr-by-name sessions").unwrap();
        assert!(said.contains(&data[0].to_string()), "{said}");
    }
    assert!(
        ask(data[0], "SET a 1\r\nWAIT 2 1000")
            .unwrap()
            .contains(":2\r\n")
    );
    for replica in &data[1..] {
        let said = ask(*replica, "GET a\r\nSET a 2").unwrap();
        assert!(said.starts_with("$1\r\n1\r\n-READONLY"), "{said}");
    }
    drop(sentinel);
    for port in ports {
        assert!(ask(port, "PING").is_err());
    }
}

#[test]
fn another_becomes_the_master_when_it_is_told_to() {
    let Some(sentinel) = start() else {
        return;
    };
    let ports = sentinel.ports();
    assert!(
        ask(ports[0], "SET a 1\r\nWAIT 2 1000")
            .unwrap()
            .contains(":2\r\n")
    );
    let next = sentinel.failover();
    assert_ne!(next, 0);
    assert_eq!(sentinel.master(), next);
    assert!(ask(ports[next], "ROLE").unwrap().contains("master"));
    sentinel.settle();
    let said = ask(ports[0], "GET a\r\nSET a 2").unwrap();
    assert!(said.starts_with("$1\r\n1\r\n-READONLY"), "{said}");
}

#[test]
fn another_becomes_the_master_when_it_is_killed_or_paused() {
    let Some(sentinel) = start() else {
        return;
    };
    sentinel.kill(0);
    let next = sentinel.master_after(0);
    sentinel.restart(0);
    sentinel.settle();
    assert_eq!(sentinel.master(), next);
    sentinel.pause(next);
    let last = sentinel.master_after(next);
    sentinel.resume(next);
    sentinel.settle();
    assert_eq!(sentinel.master(), last);
}
