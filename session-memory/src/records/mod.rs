//! The records, in moka and in the two indexes beside it.
//!
//! moka finds a record by its key, weighs it and drops the least recently used; it knows nothing
//! of expiry. Locks are taken in this order: stripes, owners, a slot (two of them in `rename` only),
//! the list of the ended. moka is called with stripes locked at most, since any call of it may run
//! the eviction listener, which locks a slot.

mod owned;
mod remove;
mod rename;
mod write;

use std::{
    mem,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use moka::{notification::RemovalCause, policy::EvictionPolicy, sync::Cache};
use session_core::{Record, StoreKey, Ttl};

use crate::{
    clock::deadline,
    cost::Budget,
    deadlines::Deadlines,
    hasher::KeyHasher,
    ledger::Ledger,
    owners::Owners,
    slot::{ByKey, Hold, Life, Slot},
    stripes::{Stripes, lock},
};

pub(crate) struct Records {
    cache: Cache<ByKey, Arc<Slot>, KeyHasher>,
    stripes: Stripes,
    owners: Owners,
    ledger: Arc<Ledger>,
    budget: Budget,
    /// The stripe that the next purge begins with, so that none is starved by small limits.
    purge_next: AtomicUsize,
}

/// The record is larger than the whole budget.
pub(crate) struct TooLarge;

impl Records {
    pub(crate) fn new(budget: Budget) -> Self {
        let hasher = KeyHasher::seeded();
        let ledger = Arc::new(Ledger::new());
        let dropped = Arc::clone(&ledger);
        let cache = Cache::builder()
            .max_capacity(budget.max_bytes())
            // Unlike moka's default it never refuses the newest record.
            .eviction_policy(EvictionPolicy::lru())
            .weigher(move |_, slot: &Arc<Slot>| {
                let state = slot.state();
                let owner = state.owner.as_deref().map(str::len);
                budget.charge(state.data.len(), owner).unwrap_or(u32::MAX)
            })
            .eviction_listener(move |_, slot, cause| {
                if cause == RemovalCause::Size {
                    dropped.dropped(&slot);
                }
            })
            .build_with_hasher(hasher);
        Self {
            cache,
            stripes: Stripes::new(hasher),
            owners: Owners::new(),
            ledger,
            budget,
            purge_next: AtomicUsize::new(0),
        }
    }

    pub(crate) fn budget(&self) -> Budget {
        self.budget
    }

    pub(crate) fn evicted(&self) -> u64 {
        self.ledger.evicted()
    }

    pub(crate) fn get(&self, key: &StoreKey) -> Option<Record> {
        let slot = self.cache.get(key)?;
        let state = slot.state();
        // Read under the lock: an expiry that one caller has seen is seen by all who come later.
        let now = self.ledger.clock.now();
        state.is_alive(now).then(|| state.record(now))
    }

    pub(crate) fn time_left(&self, key: &StoreKey) -> Option<Duration> {
        let slot = self.cache.get(key)?;
        let state = slot.state();
        let now = self.ledger.clock.now();
        let left = state.deadline.saturating_sub(now);
        state.is_alive(now).then(|| Duration::from_nanos(left))
    }

    pub(crate) fn expire(&self, key: &StoreKey, ttl: Ttl) -> bool {
        let Some(slot) = self.cache.get(key) else {
            return false;
        };
        let comes_up_late = {
            let mut state = slot.state();
            let now = self.ledger.clock.now();
            if !state.is_alive(now) {
                return false;
            }
            state.deadline = deadline(now, ttl);
            state.comes_up_late()
        };
        if comes_up_late {
            self.refile(&mut self.stripes.lock(key), &slot);
        }
        true
    }

    /// Living records: those whose life has not been ended, without those that have expired.
    pub(crate) fn count(&self) -> u64 {
        let living = self.ledger.living();
        let expired = self.stripes.from(0).map(|stripe| {
            let stripe = lock(stripe);
            let now = self.ledger.clock.now();
            let due = stripe.due(now).filter(|slot| slot.state().has_expired(now));
            due.count() as u64
        });
        living.saturating_sub(expired.sum())
    }

    /// Files a slot under its present deadline, unless it has been taken out.
    fn refile(&self, stripe: &mut Deadlines, slot: &Arc<Slot>) {
        if stripe.unfile(slot) {
            stripe.file(slot);
        }
    }

    /// Takes a slot whose life has ended out of everything that still points to it.
    fn bury(&self, stripe: &mut Deadlines, slot: &Arc<Slot>) {
        if !stripe.unfile(slot) {
            return;
        }
        let (owner, life) = {
            let mut state = slot.state();
            (state.owner.take(), state.life)
        };
        if let Some(owner) = owner {
            self.owners.lock(&owner).leave(&owner, slot);
        }
        // An evicted one is out of moka, where its key may have a new life already.
        if life != Life::Evicted {
            self.cache.invalidate(slot.key());
        }
    }

    /// Buries up to `most` of those that were left for later; whether there may be more.
    fn bury_ended(&self, most: usize) -> bool {
        let ended = self.ledger.take_ended(most);
        for slot in &ended {
            self.bury(&mut self.stripes.lock(slot.key()), slot);
        }
        ended.len() == most
    }

    /// Lets go of a slot that was held. If moka has dropped it meanwhile, it is put in again, once:
    /// the newest record is not the one to go.
    fn release(&self, stripe: &mut Deadlines, slot: &Arc<Slot>) {
        let lost = || {
            let mut state = slot.state();
            let lost = mem::replace(&mut state.hold, Hold::Free) == Hold::Lost;
            lost && state.life == Life::Living && {
                drop(state);
                // A rewrite has put it in again already.
                !self.cache.contains_key(slot.key())
            }
        };
        if !lost() {
            return;
        }
        slot.state().hold = Hold::Held;
        self.admit(slot);
        if lost() {
            self.ledger.evict(&mut slot.state());
            self.bury(stripe, slot);
        }
    }

    /// Puts a slot into moka, or lets moka weigh it again.
    fn admit(&self, slot: &Arc<Slot>) {
        self.cache.insert(ByKey(Arc::clone(slot)), Arc::clone(slot));
    }

    /// Makes moka look at the budget at once, instead of after 64 writes, if the record is large.
    fn make_room(&self, charge: u32) {
        if self.budget.is_large(charge) {
            self.cache.run_pending_tasks();
        }
    }

    /// What a writer does after unlocking: it pays for the evictions of late.
    fn tidy(&self, charge: u32) {
        self.make_room(charge);
        self.bury_ended(64);
    }
}

#[cfg(test)]
mod tests;
