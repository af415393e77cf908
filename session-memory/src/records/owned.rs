use std::sync::Arc;

use session_core::{OwnedRecord, StoreKey};

use super::Records;
use crate::slot::Slot;

impl Records {
    pub(crate) fn list(&self, owner: &str) -> Vec<OwnedRecord> {
        let list = self.owners.lock(owner);
        let kept = list.slots(owner).iter().filter(|slot| self.keeps(slot));
        let living = kept.filter_map(|slot| {
            let state = slot.state();
            let now = self.ledger.clock.now();
            let record = state.is_alive(now).then(|| state.record(now))?;
            Some(OwnedRecord::new(*slot.key(), record))
        });
        living.collect()
    }

    pub(crate) fn delete_owner(&self, owner: &str, except: Option<&StoreKey>) -> u64 {
        let ended: Vec<Arc<Slot>> = {
            let list = self.owners.lock(owner);
            let others = list
                .slots(owner)
                .iter()
                .filter(|slot| Some(slot.key()) != except && self.keeps(slot));
            let ended = others.filter(|slot| self.ledger.kill_living(&mut slot.state()));
            ended.map(Arc::clone).collect()
        };
        for slot in &ended {
            self.bury(&mut self.stripes.lock(slot.key()), slot);
        }
        ended.len() as u64
    }
}
