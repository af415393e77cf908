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

    /// The time since the session began.
    pub(crate) fn age(&self) -> Duration {
        self.age.saturating_add(self.read_at.elapsed())
    }

    /// The time that is left to live.
    pub(crate) fn expires_in(&self) -> Duration {
        self.expires_in.saturating_sub(self.read_at.elapsed())
    }

    /// The record has this time to live from now.
    pub(crate) fn extended(&mut self, ttl: Duration) {
        self.age = self.age();
        self.expires_in = ttl;
        self.read_at = Instant::now();
    }
}
