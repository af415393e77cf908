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

/// All of a relay, and what it counts and does on them.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    pub(crate) trips: AtomicU64,
    /// Whether the answer to the next round trip is to be lost.
    pub(crate) swallow: AtomicBool,
    open: Mutex<HashMap<u64, [TcpStream; 2]>>,
    last: AtomicU64,
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

    fn open(&self) -> MutexGuard<'_, HashMap<u64, [TcpStream; 2]>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Whether to hand on what the client says: always.
    fn client_speaks(&self) -> bool {
        if self.server_spoke.swap(false, Ordering::SeqCst) {
            self.all.trips.fetch_add(1, Ordering::SeqCst);
            if self.all.swallow.swap(false, Ordering::SeqCst) {
                self.swallow.store(true, Ordering::SeqCst);
            }
        }
        true
    }

    /// Whether to hand on what the server says.
    fn server_speaks(&self) -> bool {
        self.server_spoke.store(true, Ordering::SeqCst);
        !self.swallow.load(Ordering::SeqCst)
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
    pump([client, server], move || one.client_speaks());
    pump(back, move || other.server_speaks());
    Ok(())
}

/// Hands on what comes, until it ends or is not to be handed on.
fn pump([mut from, mut to]: [TcpStream; 2], heard: impl Fn() -> bool + Send + 'static) {
    thread::spawn(move || {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            if !heard() || to.write_all(&bytes[..length]).is_err() {
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
