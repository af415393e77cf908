//! moka's share of a slot.

use std::{
    ops::Deref,
    sync::{Arc, atomic::Ordering},
};

use crate::slot::Slot;

/// A slot as moka keeps it and hands it out, and as whoever puts it into moka holds it. Once the last
/// of them is gone, moka keeps the slot no more and will not get it back, and the ledger ends its
/// life: so it learns of evictions. A listener of moka's would hear of them at once, and take a lock
/// for each key on each insert.
///
/// The news comes late: moka lets go of what it has dropped when no thread can be reading it any
/// more. Until then the slot lives in the indexes alone, so whoever finds it there asks moka.
pub(crate) struct Kept(Arc<Slot>);

impl Kept {
    pub(crate) fn new(slot: &Arc<Slot>) -> Self {
        slot.kept.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(slot))
    }
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // As an `Arc` does it: what others did with the slot has happened before.
        if self.0.kept.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(ledger) = self.0.ledger.upgrade()
        {
            ledger.dropped(&self.0);
        }
    }
}

impl Deref for Kept {
    type Target = Arc<Slot>;

    fn deref(&self) -> &Arc<Slot> {
        &self.0
    }
}
