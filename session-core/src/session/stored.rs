use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{Record, SessionId, StoreKey, Timestamp, Version, codec::Document};

/// A session's record as it was loaded or last written.
pub(crate) struct Stored {
    pub(crate) id: SessionId,
    pub(crate) key: StoreKey,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) version: Version,
    pub(crate) created_at: Timestamp,
    pub(crate) document: Document,
    age: Duration,
    expires_in: Duration,
    read_at: Instant,
}

impl Stored {
    pub(crate) fn new(id: SessionId, key: StoreKey, record: Record, document: Document) -> Self {
        Self {
            id,
            key,
            owner: record.owner,
            version: record.version,
            created_at: record.created_at,
            document,
            age: record.age,
            expires_in: record.expires_in,
            read_at: Instant::now(),
        }
    }

    /// The time from the session's beginning to when it was loaded or last written.
    pub(crate) fn age_when_read(&self) -> Duration {
        self.age
    }

    /// The time since the session began.
    pub(crate) fn age(&self) -> Duration {
        self.now().0
    }

    /// The time that is left to live.
    pub(crate) fn expires_in(&self) -> Duration {
        self.now().1
    }

    /// The time since the session began, and the time that is left to live.
    pub(crate) fn now(&self) -> (Duration, Duration) {
        let passed = self.read_at.elapsed();
        (
            self.age.saturating_add(passed),
            self.expires_in.saturating_sub(passed),
        )
    }

    /// The record has this time to live from now.
    pub(crate) fn extended(&mut self, ttl: Duration) {
        self.age = self.age();
        self.expires_in = ttl;
        self.read_at = Instant::now();
    }
}
