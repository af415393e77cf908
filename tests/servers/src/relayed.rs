//! The connections of a relay.

use std::{
    collections::HashMap,
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use crate::hold::{Gate, Hold, contains};

/// All of a relay, and what it counts and does on them.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    pub(crate) trips: AtomicU64,
    /// Whether the answer to the next round trip is to be lost.
    pub(crate) swallow: AtomicBool,
    /// How many answers were lost.
    pub(crate) lost: AtomicU64,
    marked: Mutex<Marked>,
    open: Mutex<HashMap<u64, [TcpStream; 2]>>,
    last: AtomicU64,
}

/// What is waited for in what clients say.
#[derive(Debug, Default)]
struct Marked {
    holds: Vec<Arc<Gate>>,
    /// Whatever has one of these in it loses its answer.
    losses: Vec<Vec<u8>>,
}

/// One of them, as both of its directions know it.
#[derive(Debug)]
struct Connection {
    /// Whether the server spoke last: then what the client says next begins a round trip.
    server_spoke: AtomicBool,
    /// Whether the answer to the round trip that has begun is to be lost.
    swallow: AtomicBool,
    all: Arc<Connections>,
    number: u64,
}

impl Connections {
    pub(crate) fn cut(&self) {
        for stream in self.open().values().flatten() {
            close(stream);
        }
    }

    pub(crate) fn hold(&self, marks: &[&[u8]]) -> Hold {
        let (hold, gate) = Hold::new(marks);
        self.marked().holds.push(gate);
        hold
    }

    pub(crate) fn lose_answer_to(&self, mark: &[u8]) {
        self.marked().losses.push(mark.to_vec());
    }

    /// Whether the answer to this piece is to be lost; or else where it is to wait.
    fn look_at(&self, piece: &[u8]) -> (bool, Option<Arc<Gate>>) {
        let mut marked = self.marked();
        let mut losses = marked.losses.iter();
        if let Some(place) = losses.position(|mark| contains(piece, mark)) {
            marked.losses.remove(place);
            return (true, None);
        }
        let mut holds = marked.holds.iter();
        let gate = holds.find(|gate| gate.takes(piece)).map(Arc::clone);
        marked.holds.retain(|gate| gate.is_open());
        (false, gate)
    }

    fn marked(&self) -> MutexGuard<'_, Marked> {
        self.marked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, [TcpStream; 2]>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Whether to hand on what the client says: always, if only later.
    fn client_speaks(&self, piece: &[u8]) -> bool {
        if self.server_spoke.swap(false, Ordering::SeqCst) {
            self.all.trips.fetch_add(1, Ordering::SeqCst);
            if self.all.swallow.swap(false, Ordering::SeqCst) {
                self.swallow.store(true, Ordering::SeqCst);
            }
        }
        let (lose, gate) = self.all.look_at(piece);
        if lose {
            self.swallow.store(true, Ordering::SeqCst);
        }
        if let Some(gate) = gate {
            gate.wait();
        }
        true
    }

    /// Whether to hand on what the server says.
    fn server_speaks(&self) -> bool {
        self.server_spoke.store(true, Ordering::SeqCst);
        let lose = self.swallow.load(Ordering::SeqCst);
        if lose {
            self.all.lost.fetch_add(1, Ordering::SeqCst);
        }
        !lose
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.open().remove(&self.number);
    }
}

/// Connects this client to the server there.
pub(crate) fn join(
    client: TcpStream,
    there: SocketAddr,
    connections: &Arc<Connections>,
) -> io::Result<()> {
    let server = TcpStream::connect(there)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let number = connections.last.fetch_add(1, Ordering::SeqCst);
    let both = [client.try_clone()?, server.try_clone()?];
    let back = [server.try_clone()?, client.try_clone()?];
    connections.open().insert(number, both);
    let one = Arc::new(Connection {
        server_spoke: AtomicBool::new(true),
        swallow: AtomicBool::new(false),
        all: Arc::clone(connections),
        number,
    });
    let other = Arc::clone(&one);
    pump([client, server], move |piece| one.client_speaks(piece));
    pump(back, move |_| other.server_speaks());
    Ok(())
}

/// Hands on what comes, until it ends or is not to be handed on.
fn pump([mut from, mut to]: [TcpStream; 2], heard: impl Fn(&[u8]) -> bool + Send + 'static) {
    thread::spawn(move || {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            if !heard(&bytes[..length]) || to.write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        // Either end closes both.
        close(&from);
        close(&to);
    });
}

fn close(stream: &TcpStream) {
    // One that is closed already is no error.
    drop(stream.shutdown(Shutdown::Both));
}
