use std::sync::Arc;

use bytes::Bytes;
use session_core::{NewRecord, Precondition, SetOutcome, StoreKey, Timestamp, Ttl, Version};

use super::{Records, TooLarge};
use crate::{
    deadlines::Deadlines,
    kept::Kept,
    slot::{Slot, Write},
};

/// What an attempt to write into a slot came to.
enum Attempt {
    Done(SetOutcome),
    /// The slot holds no living record, and `when` does not ask for one.
    NotLiving,
    /// It takes the stripe: the charge or the owner changes.
    TakesStripe,
}

impl Records {
    pub(crate) fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, TooLarge> {
        let charge = self.budget.charge_new(record).ok_or(TooLarge)?;
        // Who creates expects no record: the look under the stripe's lock is enough.
        let slot = match when {
            Precondition::Absent => None,
            Precondition::Any | Precondition::Version(_) => self.cache.get(key),
        };
        if slot.is_none() && matches!(when, Precondition::Version(_)) {
            return Ok(SetOutcome::Missing);
        }
        if let Some(slot) = &slot {
            // Before the data is copied, which a lost race need not pay for.
            let checked = slot.state().check(when, self.ledger.clock);
            if let Some(refused) = refused(checked, when) {
                return Ok(refused);
            }
        }
        let mut write = Write::new(record, ttl);
        if let Some(slot) = slot
            && let Attempt::Done(outcome) =
                self.set_in_place(&slot, record, &mut write, when, charge)
        {
            return Ok(outcome);
        }
        let outcome = {
            let mut stripe = self.stripes.lock(key);
            self.set_in_stripe(&mut stripe, key, record, &mut write, when)
        };
        self.tidy(charge);
        Ok(outcome)
    }

    /// The short way: neither moka nor an index is told, since nothing changes for them.
    fn set_in_place(
        &self,
        slot: &Arc<Slot>,
        record: &NewRecord<'_>,
        write: &mut Write,
        when: Precondition,
        charge: u32,
    ) -> Attempt {
        let comes_up_late = {
            let mut state = slot.state();
            let checked = state.check(when, self.ledger.clock);
            if let Some(refused) = refused(checked, when) {
                return Attempt::Done(refused);
            }
            let Ok(now) = checked else {
                return Attempt::NotLiving;
            };
            let same_owner = state.owner.as_deref() == record.owner;
            if !same_owner || state.charge(self.budget) != Some(charge) {
                return Attempt::TakesStripe;
            }
            state.apply(write, now);
            state.comes_up_late()
        };
        if comes_up_late {
            self.refile(&mut self.stripes.lock(slot.key()), slot);
        }
        Attempt::Done(SetOutcome::Stored(write.version))
    }

    fn set_in_stripe(
        &self,
        stripe: &mut Deadlines,
        key: &StoreKey,
        record: &NewRecord<'_>,
        write: &mut Write,
        when: Precondition,
    ) -> SetOutcome {
        // Asked first whether it is there: what is mostly not must not count as a use for moka.
        let there = self.cache.contains_key(key);
        if let Some(slot) = there.then(|| self.cache.get(key)).flatten() {
            if let Attempt::Done(outcome) = self.rewrite(stripe, &slot, record, write, when) {
                return outcome;
            }
            self.ledger.kill(&mut slot.state(), true);
            self.bury(stripe, &slot);
        }
        if let Precondition::Version(_) = when {
            return SetOutcome::Missing;
        }
        let slot = self.lay(stripe, key, record, write);
        self.ledger.born();
        slot.state().be_born();
        self.settle(stripe, &slot);
        SetOutcome::Stored(write.version)
    }

    /// Writes into a living slot and tells moka and the indexes.
    fn rewrite(
        &self,
        stripe: &mut Deadlines,
        slot: &Kept,
        record: &NewRecord<'_>,
        write: &mut Write,
        when: Precondition,
    ) -> Attempt {
        let version = write.version;
        let mut apply = |owner: Option<Arc<str>>| {
            let mut state = slot.state();
            let now = state.check(when, self.ledger.clock)?;
            let charge = state.charge(self.budget);
            state.apply(write, now);
            state.owner = owner;
            state.reweighed |= state.charge(self.budget) != charge;
            Ok(now)
        };
        // The owner changes under the stripe's lock only.
        let old = slot.state().owner.clone();
        let mut applied = Err(SetOutcome::Missing);
        if old.as_deref() == record.owner {
            applied = apply(old);
        } else {
            self.owners
                .reassign(slot, old.as_deref(), record.owner, |name| {
                    applied = apply(name);
                    applied.is_ok()
                });
        }
        if let Some(refused) = refused(applied, when) {
            return Attempt::Done(refused);
        }
        if applied.is_err() {
            return Attempt::NotLiving;
        }
        self.admit(slot);
        self.settle(stripe, slot);
        if slot.state().comes_up_late() {
            self.refile(stripe, slot);
        }
        Attempt::Done(SetOutcome::Stored(version))
    }

    /// Puts a new slot into moka and the indexes, unborn. It does not end before the caller lets go.
    pub(super) fn lay(
        &self,
        stripe: &mut Deadlines,
        key: &StoreKey,
        record: &NewRecord<'_>,
        write: &mut Write,
    ) -> Kept {
        let created_at = record.created_at.unwrap_or_else(Timestamp::now);
        let slot = Arc::new(Slot::unborn(*key, write, created_at, &self.ledger));
        if let Some(owner) = record.owner {
            let mut list = self.owners.lock(owner);
            let name = list.name(owner);
            list.join(&name, &slot);
            slot.state().owner = Some(name);
        }
        stripe.file(&slot);
        let slot = Kept::new(&slot);
        self.admit(&slot);
        slot
    }
}

impl Write {
    pub(super) fn new(record: &NewRecord<'_>, ttl: Ttl) -> Self {
        Self {
            data: Bytes::copy_from_slice(record.data),
            version: Version::unique(),
            ttl,
        }
    }
}

/// What a `set` answers if the check of a slot is the end of it.
fn refused(checked: Result<u64, SetOutcome>, when: Precondition) -> Option<SetOutcome> {
    match (checked, when) {
        // No living record here: for the other two, that is room for a new one.
        (Err(SetOutcome::Missing), Precondition::Any | Precondition::Absent) => None,
        (checked, _) => checked.err(),
    }
}
