//! The slots of some keys, grouped by when they may have expired.

use std::{collections::BTreeMap, sync::Arc};

use crate::{seats::Seats, slot::Slot};

/// Slots in spans of time, each filed under the one in which its deadline falls. A renewal that
/// only moves a deadline later leaves the slot where it is filed; it is filed anew when it comes
/// up.
///
/// Whoever takes a slot out of here takes it out of everything else. Of two that are filed under one
/// key, moka has dropped the older one.
#[derive(Default)]
pub(crate) struct Deadlines(BTreeMap<Span, Seats>);

/// So many times 2³⁴ nanoseconds (17 s) of the store's clock: long enough for few of them to be
/// kept, short enough for a purge not to come by many records that live on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Span(u64);

/// How far a walk through the slots that may have expired has come: through each span from its last
/// slot to its first. Others may take slots out while it pauses, and the last one takes the place of
/// each: this way that is one which the walk has seen, or stays ahead of it.
#[derive(Default)]
pub(crate) struct Walk {
    span: Span,
    /// How many slots of the span are ahead, unless there are fewer by now; none known yet.
    ahead: Option<usize>,
}

impl Deadlines {
    pub(crate) fn file(&mut self, slot: &Arc<Slot>) {
        let span = {
            let mut state = slot.state();
            state.filed = Span::of(state.deadline);
            state.filed
        };
        let seats = self.0.entry(span);
        seats.or_insert_with(Seats::new).join(slot, Slot::filed_at);
    }

    /// Whether it was filed.
    pub(crate) fn unfile(&mut self, slot: &Arc<Slot>) -> bool {
        let span = slot.state().filed;
        let Some(seats) = self.0.get_mut(&span) else {
            return false;
        };
        let left = seats.leave(slot, Slot::filed_at);
        if seats.is_empty() {
            self.0.remove(&span);
        }
        left
    }

    /// The next slot of the walk, of those that may have expired by now.
    pub(crate) fn next(&self, walk: &mut Walk, now: u64) -> Option<&Arc<Slot>> {
        let last = Span::of(now);
        // A range that ends before it begins is a panic.
        while walk.span <= last {
            let (span, seats) = self.0.range(walk.span..=last).next()?;
            if *span != walk.span {
                *walk = Walk::from(*span);
            }
            let slots = seats.as_slice();
            let ahead = walk.ahead.unwrap_or(slots.len()).min(slots.len());
            if let Some(next) = ahead.checked_sub(1) {
                walk.ahead = Some(next);
                return slots.get(next);
            }
            *walk = Walk::from(span.next());
        }
        None
    }

    /// All slots that may have expired by now.
    pub(crate) fn due(&self, now: u64) -> impl Iterator<Item = &Arc<Slot>> {
        let due = self.0.range(..=Span::of(now));
        due.flat_map(|(_, seats)| seats.as_slice())
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Slot>> {
        self.0.values().flat_map(Seats::as_slice)
    }
}

impl Span {
    /// The one in which this nanosecond of the store's clock falls.
    pub(crate) const fn of(nanos: u64) -> Self {
        Self(nanos >> 34)
    }

    const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Walk {
    const fn from(span: Span) -> Self {
        Self { span, ahead: None }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use session_core::{StoreKey, Timestamp, Ttl, Version};

    use super::*;
    use crate::{ledger::Ledger, slot::Write};

    #[test]
    fn a_walk_meets_each_slot_whatever_others_take_out_while_it_pauses() {
        let ledger = Arc::new(Ledger::new());
        let slot = |number: u64| {
            let mut write = Write {
                data: Bytes::new(),
                version: Version::unique(),
                ttl: Ttl::MIN,
            };
            let key = StoreKey::digest(&number.to_le_bytes());
            let now = Timestamp::now();
            Arc::new(Slot::unborn(key, &mut write, now, &ledger))
        };
        let slots: Vec<_> = (0..100).map(slot).collect();
        let mut filed = Deadlines::default();
        for slot in &slots {
            filed.file(slot);
        }
        let now = ledger.clock.now() + 1_000_000_000;
        let mut walk = Walk::default();
        let mut met: Vec<Arc<Slot>> = Vec::new();
        while let Some(next) = filed.next(&mut walk, now) {
            met.push(Arc::clone(next));
            // Of those that it has met, from the first on; then some that are still ahead.
            let gone = match met.len() {
                50..60 => Some(&met[met.len() - 50]),
                60..65 => Some(&slots[met.len() - 60]),
                _ => None,
            };
            if let Some(gone) = gone {
                assert!(filed.unfile(gone));
            }
        }
        let unseen = slots.iter().enumerate().filter(|(_, slot)| {
            let seen = met.iter().any(|met| Arc::ptr_eq(met, slot));
            !seen
        });
        let unseen: Vec<_> = unseen.map(|(number, _)| number).collect();
        assert_eq!(unseen, [0, 1, 2, 3, 4]);
    }
}
