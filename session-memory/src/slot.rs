//! Where one record lies, from its birth to its end.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, atomic::AtomicU32},
    time::Duration,
};

use bytes::Bytes;
use session_core::{Precondition, Record, SetOutcome, StoreKey, Timestamp, Ttl, Version};

use crate::{
    clock::{Clock, deadline},
    cost::Budget,
    deadlines::Span,
    ledger::Ledger,
    seats::Seat,
};

/// One life of one key. moka, the deadline index and the owner index share it.
///
/// Updates of a living record happen in here, under its own small lock; who ends the life says so
/// under the same lock, so an update either comes before the end or sees it. moka is never
/// called while this lock is held.
pub(crate) struct Slot {
    key: StoreKey,
    listed_at: Seat,
    filed_at: Seat,
    /// How many [`Kept`](crate::kept::Kept) there are of it, and whom the last of them tells.
    pub(crate) kept: AtomicU32,
    pub(crate) ledger: Weak<Ledger>,
    state: Mutex<State>,
}

pub(crate) struct State {
    pub(crate) data: Bytes,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) version: Version,
    pub(crate) created_at: Timestamp,
    /// The first nanosecond of the store's clock in which the record is absent.
    pub(crate) deadline: u64,
    /// Where the deadline index has it: not later than the deadline, but for a moment after that was
    /// moved nearer.
    pub(crate) filed: Span,
    pub(crate) life: Life,
    /// moka was told of another charge than it was first.
    pub(crate) reweighed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// In the indexes and in moka, but not yet to be seen.
    Unborn,
    Living,
    /// Deleted, replaced or evicted. Still to be taken out of the indexes and of moka.
    Dead,
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
        ledger: &Arc<Ledger>,
    ) -> Self {
        let deadline = deadline(ledger.clock.now(), write.ttl);
        Self {
            key,
            listed_at: Seat::default(),
            filed_at: Seat::default(),
            kept: AtomicU32::new(0),
            ledger: Arc::downgrade(ledger),
            state: Mutex::new(State {
                data: mem::take(&mut write.data),
                owner: None,
                version: write.version,
                created_at,
                deadline,
                filed: Span::of(deadline),
                life: Life::Unborn,
                reweighed: false,
            }),
        }
    }

    pub(crate) fn key(&self) -> &StoreKey {
        &self.key
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its place in the owner's list.
    pub(crate) fn listed_at(&self) -> &Seat {
        &self.listed_at
    }

    /// Its place in the deadline index.
    pub(crate) fn filed_at(&self) -> &Seat {
        &self.filed_at
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

    /// What it takes of the budget.
    pub(crate) fn charge(&self, budget: Budget) -> Option<u32> {
        budget.charge(self.data.len(), self.owner.as_deref().map(str::len))
    }

    /// Begins the life.
    pub(crate) fn be_born(&mut self) {
        self.life = Life::Living;
    }

    /// Puts the new content in; the old data is in `write` then, to be freed without the lock.
    pub(crate) fn apply(&mut self, write: &mut Write, now: u64) {
        mem::swap(&mut self.data, &mut write.data);
        self.version = write.version;
        self.deadline = deadline(now, write.ttl);
    }

    /// Whether the present deadline lies in a later span than the one where the slot is filed.
    pub(crate) fn comes_up_early(&self) -> bool {
        Span::of(self.deadline) > self.filed
    }

    /// Whether the deadline index would miss the present deadline.
    pub(crate) fn comes_up_late(&self) -> bool {
        Span::of(self.deadline) < self.filed
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
    pub(crate) fn end(&mut self) {
        self.life = Life::Dead;
        self.data = Bytes::new();
    }
}
