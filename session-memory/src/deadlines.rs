//! The slots of some keys, ordered by when they may have expired.

use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

use crate::slot::Slot;

/// An ordered index of slots. A renewal that only moves a deadline later leaves the slot where it
/// is filed; it is filed anew when it comes up.
///
/// Being filed is what makes a slot the one that the store keeps under its key: whoever takes it
/// out of here takes it out of everything else.
#[derive(Default)]
pub(crate) struct Deadlines(BTreeSet<Filed>);

struct Filed {
    at: u64,
    slot: Arc<Slot>,
}

impl Deadlines {
    pub(crate) fn file(&mut self, slot: &Arc<Slot>) {
        let at = {
            let mut state = slot.state();
            state.filed = state.deadline;
            state.filed
        };
        let slot = Arc::clone(slot);
        self.0.insert(Filed { at, slot });
    }

    /// Whether it was filed.
    pub(crate) fn unfile(&mut self, slot: &Arc<Slot>) -> bool {
        let at = slot.state().filed;
        let slot = Arc::clone(slot);
        self.0.remove(&Filed { at, slot })
    }

    /// The slot that comes up first, if that is by now.
    pub(crate) fn first_due(&self, now: u64) -> Option<&Arc<Slot>> {
        self.due(now).next()
    }

    /// All slots that have come up by now; some of them may have been renewed.
    pub(crate) fn due(&self, now: u64) -> impl Iterator<Item = &Arc<Slot>> {
        let due = self.0.iter().take_while(move |filed| filed.at <= now);
        due.map(|filed| &filed.slot)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Slot>> {
        self.0.iter().map(|filed| &filed.slot)
    }
}

impl Filed {
    fn rank(&self) -> (u64, usize) {
        (self.at, Arc::as_ptr(&self.slot).addr())
    }
}

impl Ord for Filed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Filed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Filed {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Filed {}
