//! What a relay counts, loses, holds back and cuts.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::Duration,
};

use session_test_servers::{Kind, Relay, Server};

struct Client(TcpStream);

impl Client {
    fn to(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let patience = Some(Duration::from_secs(5));
        stream.set_read_timeout(patience).unwrap();
        Self(stream)
    }

    /// What comes first after this; nothing, if the connection is closed.
    fn ask(&mut self, line: &str) -> String {
        let asked = self.0.write_all(format!("{line}\r\n").as_bytes());
        let mut answer = [0; 100];
        let length = asked.and_then(|()| self.0.read(&mut answer));
        // A wait in vain is not an end.
        let ended = |error: &std::io::Error| error.kind() != std::io::ErrorKind::WouldBlock;
        let length = length.map_err(|error| assert!(ended(&error), "{error}"));
        String::from_utf8_lossy(&answer[..length.unwrap_or(0)]).into_owned()
    }
}

fn start() -> Option<(Server, Relay)> {
    let server = Server::start(Kind::Redis)?;
    let relay = Relay::to(server.port());
    Some((server, relay))
}

#[test]
fn it_counts_round_trips() {
    let Some((_server, relay)) = start() else {
        return;
    };
    let mut client = Client::to(relay.port());
    for trip in 1..=3 {
        assert_eq!(client.ask("PING"), "+PONG\r\n");
        assert_eq!(relay.trips(), trip);
    }
}

#[test]
fn it_loses_one_answer_after_the_server_has_given_it() {
    let Some((_server, relay)) = start() else {
        return;
    };
    let (mut one, mut other) = (Client::to(relay.port()), Client::to(relay.port()));
    assert_eq!(one.ask("INCR a"), ":1\r\n");
    assert_eq!(other.ask("INCR a"), ":2\r\n");
    relay.swallow_next_answer();
    assert_eq!(one.ask("INCR a"), "");
    assert_eq!(one.ask("INCR a"), "");
    // It was done, and nothing else is lost.
    assert_eq!(other.ask("GET a"), "$1\r\n3\r\n");
    assert_eq!(Client::to(relay.port()).ask("GET a"), "$1\r\n3\r\n");
    assert_eq!(relay.trips(), 5);
}

#[test]
fn it_loses_a_later_answer() {
    let Some((_server, relay)) = start() else {
        return;
    };
    let mut client = Client::to(relay.port());
    relay.swallow_answer(2);
    assert_eq!(client.ask("INCR a"), ":1\r\n");
    assert_eq!(client.ask("INCR a"), "");
    assert_eq!(Client::to(relay.port()).ask("GET a"), "$1\r\n2\r\n");
}

#[test]
fn it_holds_an_answer_back_but_for_its_beginning() {
    let Some((_server, relay)) = start() else {
        return;
    };
    let (mut one, mut other) = (Client::to(relay.port()), Client::to(relay.port()));
    assert_eq!(one.ask("PING"), "+PONG\r\n");
    relay.hold_next_answer();
    assert_eq!(one.ask("ECHO hello"), "$5\r\nhe");
    // Nobody else waits.
    assert_eq!(other.ask("PING"), "+PONG\r\n");
    relay.release();
    assert_eq!(one.ask("PING"), "llo\r\n");
}

#[test]
fn an_answer_that_was_awaited_already_is_not_lost() {
    let Some((_server, relay)) = start() else {
        return;
    };
    let waiting = Client::to(relay.port());
    let waiting = thread::spawn(move || {
        let mut client = waiting;
        (client.ask("BLPOP a 5"), client.ask("PING"))
    });
    let mut client = Client::to(relay.port());
    while blocked(&mut client) == "0" {}
    relay.swallow_next_answer();
    // This one is.
    assert_eq!(client.ask("LPUSH a b"), "");
    let (popped, pong) = waiting.join().unwrap();
    assert_eq!(popped, "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    assert_eq!(pong, "+PONG\r\n");
}

/// How many clients wait for a list, in one digit.
fn blocked(client: &mut Client) -> String {
    let found = "redis.call('INFO', 'clients'):match('blocked_clients:(%d)')";
    let said = client.ask(&format!("EVAL \"return {found}\" 0"));
    said.lines().nth(1).unwrap().to_owned()
}

#[test]
fn it_loses_the_answer_to_what_is_marked() {
    let Some((_server, relay)) = start() else {
        return;
    };
    let (mut one, mut other) = (Client::to(relay.port()), Client::to(relay.port()));
    relay.lose_answer_to(b"INCR b");
    assert_eq!(one.ask("INCR a"), ":1\r\n");
    assert_eq!(other.ask("INCR a"), ":2\r\n");
    assert_eq!(relay.lost(), 0);
    assert_eq!(other.ask("INCR b"), "");
    assert_eq!(relay.lost(), 1);
    // It was done, and nothing else is lost.
    assert_eq!(one.ask("INCR b"), ":2\r\n");
    assert_eq!(relay.lost(), 1);
}

#[test]
fn it_holds_back_what_is_marked_until_it_is_released() {
    let Some((_server, relay)) = start() else {
        return;
    };
    let mut other = Client::to(relay.port());
    let holds = [(); 2].map(|()| relay.hold(&[b"INCR", b"a"]));
    let port = relay.port();
    let increments = [(); 2].map(|()| thread::spawn(move || Client::to(port).ask("INCR a")));
    for hold in &holds {
        hold.reached();
    }
    // Others are served, with one of the marks as well.
    assert_eq!(other.ask("INCR b"), ":1\r\n");
    assert_eq!(other.ask("GET a"), "$-1\r\n");
    let [one, another] = holds;
    one.release();
    while other.ask("GET a") != "$1\r\n1\r\n" {}
    drop(another);
    let said = increments.map(|increment| increment.join().unwrap());
    assert!(said.contains(&":1\r\n".to_owned()), "{said:?}");
    assert!(said.contains(&":2\r\n".to_owned()), "{said:?}");
    assert_eq!(other.ask("INCR a"), ":3\r\n");

    let unused = relay.hold(&[b"INCR a"]);
    assert!(!unused.is_reached());
    unused.release();
    assert_eq!(other.ask("INCR a"), ":4\r\n");
}

#[test]
fn what_loses_its_answer_does_not_wait() {
    let Some((_server, relay)) = start() else {
        return;
    };
    let hold = relay.hold(&[b"INCR a"]);
    relay.lose_answer_to(b"INCR a");
    assert_eq!(Client::to(relay.port()).ask("INCR a"), "");
    assert!(!hold.is_reached());
    let port = relay.port();
    let again = thread::spawn(move || Client::to(port).ask("INCR a"));
    hold.reached();
    hold.release();
    assert_eq!(again.join().unwrap(), ":2\r\n");
}

#[test]
fn it_leads_new_clients_elsewhere() {
    let (Some((_first, relay)), Some(second)) = (start(), Server::start(Kind::Redis)) else {
        return;
    };
    let mut early = Client::to(relay.port());
    assert_eq!(early.ask("SET a 1"), "+OK\r\n");
    relay.lead_to(second.port());
    assert_eq!(early.ask("GET a"), "$1\r\n1\r\n");
    assert_eq!(Client::to(relay.port()).ask("GET a"), "$-1\r\n");
}

#[test]
fn it_cuts_what_is_open_and_goes_on() {
    let Some((server, relay)) = start() else {
        return;
    };
    let mut clients = [(); 3].map(|()| Client::to(relay.port()));
    for client in &mut clients {
        assert_eq!(client.ask("PING"), "+PONG\r\n");
    }
    relay.cut();
    for client in &mut clients {
        assert_eq!(client.ask("PING"), "");
    }
    assert_eq!(Client::to(relay.port()).ask("PING"), "+PONG\r\n");
    // The server has seen it, too.
    let mut direct = Client::to(server.port());
    while direct.ask("CLIENT LIST").lines().count() > 2 {
        thread::sleep(Duration::from_millis(10));
    }
}
