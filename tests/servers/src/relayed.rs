//! The connections of a relay.

use std::{
    collections::HashMap,
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use crate::hold::{Gate, Hold, contains};

/// How much comes of an answer that is held back: the head of a message of either database, and no more.
const BEGINNING: usize = 6;

/// All of a relay, and what it counts and does on them.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    pub(crate) trips: AtomicU64,
    /// Which of the next round trips is to lose its answer, counted from 1; none, if it is 0.
    pub(crate) swallow: AtomicU64,
    /// The same for the one whose answer is to be held back but for its first bytes.
    answer_to_hold: AtomicU64,
    /// Whether one is held back.
    held: Mutex<bool>,
    released: Condvar,
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
    /// Whether it is to be held back.
    hold: AtomicBool,
    all: Arc<Connections>,
    number: u64,
}

impl Connections {
    pub(crate) fn cut(&self) {
        for stream in self.open().values().flatten() {
            close(stream);
        }
    }

    /// Counts a round trip; whether it is the one that was waited for.
    fn is_next(countdown: &AtomicU64) -> bool {
        let count = |left: u64| left.checked_sub(1);
        countdown.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count) == Ok(1)
    }

    pub(crate) fn hold_next_answer(&self) {
        *self.held() = true;
        self.answer_to_hold.store(1, Ordering::SeqCst);
    }

    pub(crate) fn release(&self) {
        *self.held() = false;
        self.released.notify_all();
    }

    fn wait_for_release(&self) {
        let held = self.released.wait_while(self.held(), |held| *held);
        drop(held.unwrap_or_else(PoisonError::into_inner));
    }

    fn held(&self) -> MutexGuard<'_, bool> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// How much to hand on of what the client says: all, if only later.
    fn client_speaks(&self, piece: &[u8]) -> Heard {
        if self.server_spoke.swap(false, Ordering::SeqCst) {
            self.all.trips.fetch_add(1, Ordering::SeqCst);
            if Connections::is_next(&self.all.swallow) {
                self.swallow.store(true, Ordering::SeqCst);
            }
            if Connections::is_next(&self.all.answer_to_hold) {
                self.hold.store(true, Ordering::SeqCst);
            }
        }
        let (lose, gate) = self.all.look_at(piece);
        if lose {
            self.swallow.store(true, Ordering::SeqCst);
        }
        if let Some(gate) = gate {
            gate.wait();
        }
        Heard::All
    }

    /// How much to hand on of what the server says.
    fn server_speaks(&self) -> Heard {
        self.server_spoke.store(true, Ordering::SeqCst);
        if self.swallow.load(Ordering::SeqCst) {
            self.all.lost.fetch_add(1, Ordering::SeqCst);
            Heard::Nothing
        } else if self.hold.swap(false, Ordering::SeqCst) {
            Heard::Beginning
        } else {
            Heard::All
        }
    }
}

/// What of it is handed on.
enum Heard {
    All,
    /// A few bytes, and the others when they are released.
    Beginning,
    /// Nothing, and the connection is closed.
    Nothing,
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
        hold: AtomicBool::new(false),
        all: Arc::clone(connections),
        number,
    });
    let other = Arc::clone(&one);
    let released = Arc::clone(connections);
    pump(
        [client, server],
        move |piece| one.client_speaks(piece),
        || {},
    );
    pump(
        back,
        move |_| other.server_speaks(),
        move || released.wait_for_release(),
    );
    Ok(())
}

/// Hands on what comes, until it ends or is not to be handed on.
fn pump(
    [mut from, mut to]: [TcpStream; 2],
    heard: impl Fn(&[u8]) -> Heard + Send + 'static,
    wait: impl Fn() + Send + 'static,
) {
    thread::spawn(move || {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            let heard = heard(&bytes[..length]);
            let first = match heard {
                Heard::Nothing => break,
                Heard::Beginning => BEGINNING.min(length),
                Heard::All => length,
            };
            if to.write_all(&bytes[..first]).is_err() {
                break;
            }
            if matches!(heard, Heard::Beginning) {
                wait();
                if to.write_all(&bytes[first..length]).is_err() {
                    break;
                }
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
