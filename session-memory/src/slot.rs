//! Where one record lies, from its birth to its end.

use std::{
    borrow::Borrow,
    hash::{Hash, Hasher},
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use session_core::{Precondition, Record, SetOutcome, StoreKey, Timestamp, Ttl, Version};

use crate::clock::{Clock, deadline};

/// One life of one key. moka, the deadline index and the owner index share it.
///
/// Updates of a living record happen in here, under its own small lock; who ends the life says so
/// under the same lock, so an update either comes before the end or sees it. moka is never
/// called while this lock is held.
pub(crate) struct Slot {
    key: StoreKey,
    /// Its place in the owner's list. Read and written under that list's lock only.
    seat: AtomicU32,
    state: Mutex<State>,
}

pub(crate) struct State {
    pub(crate) data: Bytes,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) version: Version,
    pub(crate) created_at: Timestamp,
    /// The first nanosecond of the store's clock in which the record is absent.
    pub(crate) deadline: u64,
    /// Where the deadline index has it: never later than `deadline`.
    pub(crate) filed: u64,
    pub(crate) life: Life,
    pub(crate) hold: Hold,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// In the indexes and in moka, but not yet to be seen.
    Unborn,
    Living,
    /// Deleted or replaced. Still to be taken out of the indexes and of moka.
    Dead,
    /// moka has dropped it for lack of room. Still to be taken out of the indexes.
    Evicted,
}

/// Keeps an eviction from ending the life while a writer is about to put the slot into moka, or
/// to let another record take its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    Free,
    Held,
    /// moka has dropped it meanwhile. Whoever holds it sees to that.
    Lost,
}

/// What a `set` puts into a slot.
pub(crate) struct Write {
    pub(crate) data: Bytes,
    pub(crate) version: Version,
    pub(crate) ttl: Ttl,
}

impl Slot {
    pub(crate) fn unborn(
        key: StoreKey,
        write: &mut Write,
        created_at: Timestamp,
        now: u64,
    ) -> Self {
        let deadline = deadline(now, write.ttl);
        Self {
            key,
            seat: AtomicU32::new(0),
            state: Mutex::new(State {
                data: mem::take(&mut write.data),
                owner: None,
                version: write.version,
                created_at,
                deadline,
                filed: deadline,
                life: Life::Unborn,
                hold: Hold::Held,
            }),
        }
    }

    pub(crate) fn key(&self) -> &StoreKey {
        &self.key
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn seat(&self) -> u32 {
        self.seat.load(Ordering::Relaxed)
    }

    pub(crate) fn take_seat(&self, seat: u32) {
        self.seat.store(seat, Ordering::Relaxed);
    }
}

impl State {
    pub(crate) fn is_alive(&self, now: u64) -> bool {
        self.life == Life::Living && now < self.deadline
    }

    pub(crate) fn has_expired(&self, now: u64) -> bool {
        self.life == Life::Living && now >= self.deadline
    }

    /// `Ok` with the time if there is a living record and `when` holds; else what a `set` answers.
    pub(crate) fn check(&self, when: Precondition, clock: Clock) -> Result<u64, SetOutcome> {
        // Read under the lock: an expiry that one caller has seen is seen by all who come later.
        let now = clock.now();
        match when {
            _ if !self.is_alive(now) => Err(SetOutcome::Missing),
            Precondition::Absent => Err(SetOutcome::Conflict),
            Precondition::Version(version) if version != self.version => Err(SetOutcome::Conflict),
            Precondition::Version(_) | Precondition::Any => Ok(now),
        }
    }

    /// Begins the life; the time to live counts from here.
    pub(crate) fn be_born(&mut self, write: &Write, clock: Clock) {
        self.life = Life::Living;
        self.deadline = deadline(clock.now(), write.ttl);
    }

    /// Puts the new content in; the old data is in `write` then, to be freed without the lock.
    pub(crate) fn apply(&mut self, write: &mut Write, now: u64) {
        mem::swap(&mut self.data, &mut write.data);
        self.version = write.version;
        self.deadline = deadline(now, write.ttl);
    }

    /// Whether the deadline index would miss the present deadline.
    pub(crate) fn comes_up_late(&self) -> bool {
        self.deadline < self.filed
    }

    pub(crate) fn record(&self, now: u64) -> Record {
        let left = self.deadline.saturating_sub(now);
        let record = Record::new(self.data.clone(), self.version, Duration::from_nanos(left));
        // It says when it was made: that is the wall clock's now.
        let wall = record.created_at;
        record
            .owner(self.owner.clone())
            .created_at(self.created_at, wall)
    }

    /// Ends the life and frees the data, whoever still points to the slot.
    pub(crate) fn end(&mut self, life: Life) {
        self.life = life;
        self.data = Bytes::new();
    }
}

/// A slot as moka's key, so that the key's bytes are kept once.
pub(crate) struct ByKey(pub(crate) Arc<Slot>);

impl Borrow<StoreKey> for ByKey {
    fn borrow(&self) -> &StoreKey {
        &self.0.key
    }
}

impl Hash for ByKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

impl PartialEq for ByKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for ByKey {}
