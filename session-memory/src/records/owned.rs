use std::sync::Arc;

use session_core::{OwnedRecord, StoreKey};

use super::Records;
use crate::slot::{Life, Slot};

impl Records {
    pub(crate) fn list(&self, owner: &str) -> Vec<OwnedRecord> {
        let list = self.owners.lock(owner);
        let slots = list.slots(owner);
        let twice = some_key_is_there_twice(slots);
        let kept = slots.iter().filter(|slot| self.has(slot, twice));
        let living = kept.filter_map(|slot| {
            let state = slot.state();
            let now = self.ledger.clock.now();
            let record = state.is_alive(now).then(|| state.record(now))?;
            Some(OwnedRecord::new(*slot.key(), record))
        });
        living.collect()
    }

    pub(crate) fn delete_owner(&self, owner: &str, except: Option<&StoreKey>) -> u64 {
        let mut living = 0;
        let ended: Vec<Arc<Slot>> = {
            let list = self.owners.lock(owner);
            let slots = list.slots(owner);
            let twice = some_key_is_there_twice(slots);
            let others = slots.iter().filter(|slot| Some(slot.key()) != except);
            // Those that moka has dropped, too: somebody may be about to put one in again.
            let ended = others.filter(|slot| {
                let kept = self.has(slot, twice);
                let mut state = slot.state();
                let lived = state.life == Life::Living;
                living += u64::from(self.ledger.kill_living(&mut state, kept));
                lived && state.life == Life::Dead
            });
            ended.map(Arc::clone).collect()
        };
        for slot in &ended {
            self.bury(&mut self.stripes.lock(slot.key()), slot);
        }
        living
    }

    /// Whether moka keeps it. Asking does not count as a use, as long as no other slot has its key.
    fn has(&self, slot: &Arc<Slot>, twice: bool) -> bool {
        self.cache.contains_key(slot.key()) && (!twice || self.keeps(slot))
    }
}

/// A key may have been written again since moka dropped its record, and the store may not have heard of
/// that yet.
fn some_key_is_there_twice(slots: &[Arc<Slot>]) -> bool {
    let mut keys: Vec<&StoreKey> = slots.iter().map(|slot| slot.key()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}
