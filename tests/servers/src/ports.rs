//! Ports for the servers.

use std::{
    hash::{BuildHasher as _, RandomState},
    net::TcpListener,
    sync::{Mutex, PoisonError},
};

/// Below those that the system gives to clients: one of these would take a port while its server is
/// down, perhaps in search of that server.
const ALL: std::ops::Range<u16> = 10_000..32_000;

/// A port that nobody listens on at the moment.
pub(crate) fn free_port() -> u16 {
    let [port] = free_ports();
    port
}

/// As many of them, all different, and none that this process has had lately.
pub(crate) fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    /// Where to look next; first anywhere, since other processes look, too.
    static NEXT: Mutex<Option<u16>> = Mutex::new(None);
    let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
    let next = next.get_or_insert_with(|| {
        let anywhere = RandomState::new().hash_one(0) % u64::from(ALL.end - ALL.start);
        ALL.start + u16::try_from(anywhere).unwrap()
    });
    let mut ports = std::iter::from_fn(|| {
        let port = *next;
        *next = if port + 1 < ALL.end {
            port + 1
        } else {
            ALL.start
        };
        Some(port)
    })
    .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    [(); COUNT].map(|()| ports.next().unwrap())
}
