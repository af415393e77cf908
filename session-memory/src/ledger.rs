//! What the store, and what moka drops, write down.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use crate::{
    clock::Clock,
    slot::{Life, Slot, State},
};

pub(crate) struct Ledger {
    pub(crate) clock: Clock,
    /// Records whose life has not been ended, expired ones included.
    living: AtomicU64,
    evicted: AtomicU64,
    /// Slots whose life has ended and that nobody is taking out of the indexes yet.
    ended: Mutex<Vec<Arc<Slot>>>,
    /// Whether there are any, so that writers need not lock the list to find none.
    any_ended: AtomicBool,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self {
            clock: Clock::start(),
            living: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
            ended: Mutex::default(),
            any_ended: AtomicBool::new(false),
        }
    }

    pub(crate) fn living(&self) -> u64 {
        self.living.load(Ordering::Relaxed)
    }

    pub(crate) fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }

    pub(crate) fn born(&self) {
        self.living.fetch_add(1, Ordering::Relaxed);
    }

    /// Ends the life if there is one; whether it was that of a living record, neither expired nor
    /// dropped by moka before.
    pub(crate) fn kill(&self, state: &mut State, kept: bool) -> bool {
        self.kill_living(state, kept) || {
            self.kill_expired(state, kept);
            false
        }
    }

    /// Ends the life of a living record, and leaves an expired one to the purge.
    pub(crate) fn kill_living(&self, state: &mut State, kept: bool) -> bool {
        let lived = state.is_alive(self.clock.now());
        if lived {
            self.end(state);
            if !kept {
                self.evicted.fetch_add(1, Ordering::Relaxed);
            }
        }
        lived && kept
    }

    /// Ends the life of an expired record.
    pub(crate) fn kill_expired(&self, state: &mut State, kept: bool) -> bool {
        let expired = state.has_expired(self.clock.now());
        if expired {
            self.end(state);
        }
        expired && kept
    }

    /// moka keeps the slot no more, and nobody who could put it in again has it. Called wherever a
    /// [`Kept`](crate::kept::Kept) is dropped, by moka within any call of it, or by another user of its
    /// garbage collector: it must take no lock but the slot's and the list's.
    pub(crate) fn dropped(&self, slot: &Arc<Slot>) {
        let mut state = slot.state();
        if state.life == Life::Living {
            self.kill(&mut state, false);
            drop(state);
            self.leave_for_later([Arc::clone(slot)]);
        }
    }

    pub(crate) fn leave_for_later(&self, slots: impl IntoIterator<Item = Arc<Slot>>) {
        let mut ended = self.ended();
        ended.extend(slots);
        self.any_ended.store(!ended.is_empty(), Ordering::Relaxed);
    }

    /// Up to `most` slots whose life has ended.
    pub(crate) fn take_ended(&self, most: usize) -> Vec<Arc<Slot>> {
        if !self.any_ended.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let mut ended = self.ended();
        let keep = ended.len().saturating_sub(most);
        let taken = ended.split_off(keep);
        if ended.capacity() / 4 > ended.len() {
            let room = ended.len() * 2;
            ended.shrink_to(room);
        }
        self.any_ended.store(!ended.is_empty(), Ordering::Relaxed);
        taken
    }

    fn end(&self, state: &mut State) {
        state.end();
        self.living.fetch_sub(1, Ordering::Relaxed);
    }

    fn ended(&self) -> MutexGuard<'_, Vec<Arc<Slot>>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
