use std::sync::atomic::{AtomicU64, Ordering};

/// How often something worth knowing happened since the backend was built.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Counters {
    /// Tokens that cannot be a session ID: the store was not asked.
    pub malformed: u64,
    /// Well-formed tokens for which the store has no record.
    pub unknown: u64,
    /// Stored records that could not be read.
    pub undecodable: u64,
    /// Commits that met a change by another request, and were tried again.
    pub conflicts: u64,
    /// Changes dropped because the session had ended meanwhile.
    pub ended: u64,
    /// Store operations that failed or took too long.
    pub store_errors: u64,
}

#[derive(Default)]
pub(super) struct AtomicCounters {
    pub(super) malformed: AtomicU64,
    pub(super) unknown: AtomicU64,
    pub(super) undecodable: AtomicU64,
    pub(super) conflicts: AtomicU64,
    pub(super) ended: AtomicU64,
    pub(super) store_errors: AtomicU64,
}

impl AtomicCounters {
    pub(super) fn read(&self) -> Counters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            malformed: read(&self.malformed),
            unknown: read(&self.unknown),
            undecodable: read(&self.undecodable),
            conflicts: read(&self.conflicts),
            ended: read(&self.ended),
            store_errors: read(&self.store_errors),
        }
    }
}

/// One more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
