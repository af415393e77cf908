//! What every session of the benchmark holds: 8 keys, 496 bytes as a MessagePack map.

use std::sync::atomic::{AtomicU32, Ordering};

/// The seven texts, in the order in which they are put.
pub const TEXTS: [(&str, &str); 7] = [
    ("user", text(62)),
    ("name", text(62)),
    ("mail", text(62)),
    ("lang", text(62)),
    ("zone", text(62)),
    ("csrf", text(63)),
    ("back", text(63)),
];

/// The text that `read` asks for, neither the first of the map nor the last.
pub const READ: &str = "lang";

/// The number that `write` sets.
pub const WRITTEN: &str = "seen";

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-";

const fn text(length: usize) -> &'static str {
    LETTERS.split_at(length).0
}

/// A number that no request before had, of the same encoded size each time, as a time stamp is.
pub fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1_800_000_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
