//! The records, in moka and in the two indexes beside it.
//!
//! moka finds a record by its key, weighs it and drops the least recently used; it knows nothing
//! of expiry. Locks are taken in this order: stripes, owners, a slot (two of them in `rename` only),
//! the list of the ended. moka is never called while a slot is locked, since any call of it may
//! drop a [`Kept`], which locks a slot.

mod owned;
mod remove;
mod rename;
mod write;

use std::{
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use moka::{policy::EvictionPolicy, sync::Cache};
use session_core::{Record, StoreKey, Ttl};

use crate::{
    clock::deadline,
    cost::Budget,
    deadlines::Deadlines,
    hasher::KeyHasher,
    kept::Kept,
    ledger::Ledger,
    owners::Owners,
    slot::Slot,
    stripes::{Stripes, lock},
};

pub(crate) struct Records {
    cache: Cache<StoreKey, Kept, KeyHasher>,
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
        let cache = Cache::builder()
            .max_capacity(budget.max_bytes())
            // Unlike moka's default it never refuses the newest record.
            .eviction_policy(EvictionPolicy::lru())
            .weigher(move |_, slot: &Kept| slot.state().charge(budget).unwrap_or(u32::MAX))
            .build_with_hasher(hasher);
        Self {
            cache,
            stripes: Stripes::new(hasher),
            owners: Owners::new(),
            ledger: Arc::new(Ledger::new()),
            budget,
            purge_next: AtomicUsize::new(0),
        }
    }

    pub(crate) fn budget(&self) -> Budget {
        self.budget
    }

    pub(crate) fn evicted(&self) -> u64 {
        self.catch_up();
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
        self.catch_up();
        // What moka has dropped is gone, whether or not the ledger has heard of it.
        let living = self.ledger.living().min(self.cache.entry_count());
        let expired = self.stripes.from(0).map(|stripe| {
            let stripe = lock(stripe);
            let now = self.ledger.clock.now();
            let due = stripe.due(now).filter(|slot| slot.state().has_expired(now));
            // Asked so that it does not count as a use.
            due.filter(|slot| self.cache.contains_key(slot.key()))
                .count() as u64
        });
        living.saturating_sub(expired.sum())
    }

    /// Works off what moka has to do, and takes what it has dropped out of the indexes: as a rule all,
    /// unless some thread of this process has been reading something in a moka at that moment.
    fn catch_up(&self) {
        // Each run lets moka's garbage collector go one step on.
        for _ in 0..16 {
            self.cache.run_pending_tasks();
            while self.bury_ended(64) {}
            if self.ledger.living() <= self.cache.entry_count() {
                break;
            }
        }
    }

    /// Whether moka keeps this slot: it may have dropped it, and have another under the same key.
    /// Counts as a use.
    fn keeps(&self, slot: &Arc<Slot>) -> bool {
        let kept = self.cache.get(slot.key());
        kept.is_some_and(|kept| Arc::ptr_eq(&kept, slot))
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
        let (owner, reweighed) = {
            let mut state = slot.state();
            (state.owner.take(), state.reweighed)
        };
        if let Some(owner) = owner {
            self.owners.lock(&owner).leave(&owner, slot);
        }
        if self.keeps(slot) {
            if reweighed {
                // moka adds the charge that it was first told, and would subtract the last one.
                self.cache.run_pending_tasks();
            }
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

    /// What a writer does once moka has been told of a slot: if moka has dropped it already, it is
    /// put in again, once, since the newest record is not the one to go.
    fn settle(&self, stripe: &mut Deadlines, slot: &Kept) {
        // A small one that moka took while half of the room was left is not the one to go.
        let is_roomy = self.cache.weighted_size() < self.budget.max_bytes() / 2;
        let charge = slot.state().charge(self.budget);
        let is_safe = is_roomy && charge.is_some_and(|charge| !self.budget.is_large(charge));
        if is_safe || self.keeps(slot) {
            return;
        }
        self.admit(slot);
        if !self.keeps(slot) {
            self.ledger.kill(&mut slot.state(), false);
            self.bury(stripe, slot);
        }
    }

    /// Puts a slot into moka, or lets moka weigh it again.
    fn admit(&self, slot: &Kept) {
        self.cache.insert(*slot.key(), slot.clone());
    }

    /// What a writer does after unlocking: it pays for the evictions of late, and for a large record
    /// it makes room at once, instead of after 64 writes.
    fn tidy(&self, charge: u32) {
        if self.budget.is_large(charge) {
            self.catch_up();
        } else {
            self.bury_ended(64);
        }
    }
}

#[cfg(test)]
mod tests;
