use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    thread,
};

use crate::{
    hold::Hold,
    relayed::{Connections, join},
};

/// Stands between clients and a server, hands on what either says, and counts round trips: how often
/// a client has spoken after the server did, or first. What a client says in several pieces without
/// waiting is one.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    there: Arc<AtomicU16>,
    connections: Arc<Connections>,
    ended: Arc<AtomicBool>,
}

impl Relay {
    /// One to the server on this port of 127.0.0.1.
    ///
    /// # Panics
    /// If this machine has no port to give.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let here = listener.local_addr().unwrap().port();
        let (connections, ended) = (Arc::<Connections>::default(), Arc::<AtomicBool>::default());
        let there = Arc::new(AtomicU16::new(port));
        let relay = Self {
            port: here,
            there: Arc::clone(&there),
            connections: Arc::clone(&connections),
            ended: Arc::clone(&ended),
        };
        thread::spawn(move || {
            for client in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let there = there.load(Ordering::SeqCst);
                let there = SocketAddr::from(([127, 0, 0, 1], there));
                // A connection that fails is its client's to notice.
                drop(client.and_then(|client| join(client, there, &connections)));
            }
        });
        relay
    }

    /// The port to connect to instead of the server's.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The round trips of all connections so far.
    pub fn trips(&self) -> u64 {
        self.connections.trips.load(Ordering::SeqCst)
    }

    /// Loses the answer to the next round trip that begins: what the server says to it comes here and
    /// no further, and with its first bytes that connection is closed at both ends. The server has
    /// done what it was asked, and its client does not know. Only that one answer is lost.
    pub fn swallow_next_answer(&self) {
        self.swallow_answer(1);
    }

    /// The same for the answer to a later one of the round trips that begin from now on: 2 is the one
    /// after the next.
    pub fn swallow_answer(&self, number: u64) {
        self.connections.swallow.store(number, Ordering::SeqCst);
    }

    /// Holds back the answer to the next round trip that begins, but for its first six bytes, until it is
    /// [released](Self::release).
    pub fn hold_next_answer(&self) {
        self.connections.hold_next_answer();
    }

    /// Hands on what was held back.
    pub fn release(&self) {
        self.connections.release();
    }

    /// Loses the answer to what a client says next that contains this, in the same way. Nothing else may be
    /// awaited on that connection then: the first bytes that come are taken for the answer.
    pub fn lose_answer_to(&self, mark: &[u8]) {
        self.connections.lose_answer_to(mark);
    }

    /// How many answers were lost so far.
    pub fn lost(&self) -> u64 {
        self.connections.lost.load(Ordering::SeqCst)
    }

    /// Holds back what a client says next that contains all of these, in one piece. What is to lose its
    /// answer does not wait, and of several holds each has a piece of its own, the oldest the first.
    pub fn hold(&self, marks: &[&[u8]]) -> Hold {
        self.connections.hold(marks)
    }

    /// Connects new clients to the server on this port instead, as a name or an address does that leads
    /// elsewhere from now on. Connections that are open stay.
    pub fn lead_to(&self, port: u16) {
        self.there.store(port, Ordering::SeqCst);
    }

    /// Closes all connections that are open now, at both ends. New ones are served.
    pub fn cut(&self) {
        self.connections.cut();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        self.release();
        // Wakes the thread that waits for the next client.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}
