use session_core::{NewRecord, Precondition, SetOutcome, StoreKey, Ttl, Version};

use super::{Records, TooLarge};
use crate::slot::Write;

impl Records {
    /// Lets the old record die and the new one be born in the same instant.
    pub(crate) fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, TooLarge> {
        let charge = self.budget.charge_new(record).ok_or(TooLarge)?;
        let outcome = self.rename_in_stripes(from, to, record, ttl, version, charge);
        self.tidy(charge);
        Ok(outcome)
    }

    fn rename_in_stripes(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
        charge: u32,
    ) -> SetOutcome {
        let clock = self.ledger.clock;
        let mut stripes = self.stripes.lock_both(from, to);
        if let Some(occupant) = self.cache.get(to) {
            if occupant.state().is_alive(clock.now()) {
                return SetOutcome::Conflict;
            }
            if from == to {
                return SetOutcome::Missing;
            }
            self.ledger.kill(&mut occupant.state(), true);
            self.bury(stripes.to(), &occupant);
        }
        let Some(old) = self.cache.get(from) else {
            return SetOutcome::Missing;
        };
        let when = Precondition::Version(version);
        let owner = {
            let state = old.state();
            if let Err(outcome) = state.check(when, clock) {
                return outcome;
            }
            state.owner.clone()
        };
        let mut write = Write::new(record, ttl);
        let new = self.lay(stripes.to(), to, record, &mut write);
        let swapped = {
            // Else the owner's sessions could all be ended between these two.
            let _list = owner.as_deref().map(|owner| self.owners.lock(owner));
            let mut old = old.state();
            let mut new = new.state();
            let checked = old.check(when, clock);
            if checked.is_ok() {
                old.end();
                new.be_born();
            } else {
                new.end();
            }
            checked
        };
        match swapped {
            Ok(_) => {
                self.bury(stripes.from(), &old);
                // Until moka knows that the old one is gone, the new one may seem too much.
                if self.budget.is_large(charge) {
                    self.cache.run_pending_tasks();
                }
                self.settle(stripes.to(), &new);
                SetOutcome::Stored(write.version)
            }
            Err(outcome) => {
                self.bury(stripes.to(), &new);
                self.settle(stripes.from(), &old);
                outcome
            }
        }
    }
}
