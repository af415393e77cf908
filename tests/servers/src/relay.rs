use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

/// Stands between clients and a server, hands on what either says, and counts round trips: how often
/// a client has spoken after the server did, or first. What a client says in several pieces without
/// waiting is one.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    trips: Arc<AtomicU64>,
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
        let (trips, ended) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let relay = Self {
            port: here,
            trips: Arc::clone(&trips),
            ended: Arc::clone(&ended),
        };
        let there = SocketAddr::from(([127, 0, 0, 1], port));
        thread::spawn(move || {
            for client in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                // A connection that fails is its client's to notice.
                drop(client.and_then(|client| join(&client, there, &trips)));
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
        self.trips.load(Ordering::SeqCst)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for the next client.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn join(client: &TcpStream, there: SocketAddr, trips: &Arc<AtomicU64>) -> io::Result<()> {
    let server = TcpStream::connect(there)?;
    for stream in [client, &server] {
        stream.set_nodelay(true)?;
    }
    // Whether the server spoke last: then what the client says next begins a round trip.
    let server_spoke = Arc::new(AtomicBool::new(true));
    let (from_client, from_server) = (Arc::clone(&server_spoke), server_spoke);
    let trips = Arc::clone(trips);
    pump(client.try_clone()?, server.try_clone()?, move || {
        if from_client.swap(false, Ordering::SeqCst) {
            trips.fetch_add(1, Ordering::SeqCst);
        }
    });
    pump(server, client.try_clone()?, move || {
        from_server.store(true, Ordering::SeqCst);
    });
    Ok(())
}

/// Hands on what comes, until it ends.
fn pump(mut from: TcpStream, mut to: TcpStream, heard: impl Fn() + Send + 'static) {
    thread::spawn(move || {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            heard();
            if to.write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        // Either end closes both.
        drop(from.shutdown(Shutdown::Both));
        drop(to.shutdown(Shutdown::Both));
    });
}
