//! What a handle does to its server, for each kind.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use session_test_servers::{Kind, Server, shared};

const KINDS: [Kind; 3] = [Kind::Postgres, Kind::MariaDb, Kind::Redis];

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// What the server says first, or to a PING, within this time.
fn says(port: u16, patience: Duration) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(patience)).unwrap();
    stream.write_all(b"PING\r\n").ok()?;
    let mut answer = vec![0; 5];
    stream.read_exact(&mut answer).ok()?;
    Some(answer)
}

#[test]
fn a_server_ends_and_begins_as_its_handle_says() {
    for kind in KINDS {
        let Some(server) = Server::start(kind) else {
            continue;
        };
        let port = server.port();
        assert!(server.url().contains(&port.to_string()));
        for end in [Server::stop, Server::kill] {
            end(&server);
            assert!(!listens(port), "{kind:?}");
            server.restart();
            assert!(listens(port), "{kind:?}");
        }
        drop(server);
        assert!(!listens(port), "{kind:?}");
    }
}

#[test]
fn a_paused_server_is_silent_until_it_is_resumed() {
    for kind in [Kind::MariaDb, Kind::Redis] {
        let Some(server) = Server::start(kind) else {
            continue;
        };
        let port = server.port();
        assert!(says(port, Duration::from_secs(5)).is_some());
        server.pause();
        assert_eq!(says(port, Duration::from_millis(100)), None, "{kind:?}");
        server.resume();
        assert!(says(port, Duration::from_secs(5)).is_some(), "{kind:?}");
        server.pause();
        // A paused one can be ended, too.
    }
}

#[test]
fn a_panic_takes_the_server_along() {
    if !is_there(Kind::Redis) {
        return;
    }
    let (tell, told) = std::sync::mpsc::channel();
    let panicked = thread::spawn(move || {
        let server = Server::start(Kind::Redis).unwrap();
        tell.send(server.port()).unwrap();
        panic!("as a failing test does");
    });
    assert!(panicked.join().is_err());
    assert!(!listens(told.recv().unwrap()));
}

#[test]
fn nothing_of_a_server_is_left_in_the_temporary_folder() {
    if !is_there(Kind::Postgres) {
        return;
    }
    let server = Server::start(Kind::Postgres).unwrap();
    let debug = format!("{server:?}");
    let data = debug.split('"').nth(1).unwrap().to_owned();
    assert!(fs::exists(&data).unwrap());
    drop(server);
    assert!(!fs::exists(&data).unwrap());
}

#[test]
fn one_shared_server_serves_all_who_ask() {
    let groups = [Kind::RedisCluster, Kind::RedisSentinel];
    for kind in KINDS.into_iter().chain(groups) {
        let start = Instant::now();
        let Some(url) = shared(kind) else {
            continue;
        };
        eprintln!("{kind:?} was there after {:?}", start.elapsed());
        let threads: Vec<_> = (0..4)
            .map(|_| thread::spawn(move || shared(kind)))
            .collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap().as_ref(), Some(&url));
        }
    }
}

#[test]
fn a_server_gets_the_arguments_of_its_test() {
    let Some(server) = Server::start_with(Kind::Redis, &["--maxmemory", "5mb"]) else {
        return;
    };
    for _ in 0..2 {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        stream
            .write_all(b"CONFIG GET maxmemory\r\nQUIT\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("5242880"), "{answer}");
        server.kill();
        server.restart();
    }
}

/// Whether the program is installed; says so, or fails, if it is not.
fn is_there(kind: Kind) -> bool {
    shared(kind).is_some()
}
