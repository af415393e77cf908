//! The slots of some keys, grouped by when they may have expired.

use std::{collections::BTreeMap, sync::Arc};

use crate::{seats::Seats, slot::Slot};

/// Slots in spans of time, each filed under the one in which its deadline falls. A renewal that
/// only moves a deadline later leaves the slot where it is filed; it is filed anew when it comes
/// up.
///
/// Being filed is what makes a slot the one that the store keeps under its key: whoever takes it
/// out of here takes it out of everything else.
#[derive(Default)]
pub(crate) struct Deadlines(BTreeMap<Span, Seats>);

/// So many times 2³⁴ nanoseconds (17 s) of the store's clock: long enough for few of them to be
/// kept, short enough for a purge not to come by many records that live on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Span(u64);

/// How far a walk through the slots that may have expired has come.
#[derive(Default)]
pub(crate) struct Walk {
    span: Span,
    place: usize,
}

impl Deadlines {
    pub(crate) fn file(&mut self, slot: &Arc<Slot>) {
        let span = {
            let mut state = slot.state();
            state.filed = Span::of(state.deadline);
            state.filed
        };
        let seats = self.0.entry(span);
        seats
            .or_insert_with(|| Seats::new(Slot::filed_at))
            .join(slot);
    }

    /// Whether it was filed.
    pub(crate) fn unfile(&mut self, slot: &Arc<Slot>) -> bool {
        let span = slot.state().filed;
        let Some(seats) = self.0.get_mut(&span) else {
            return false;
        };
        let left = seats.leave(slot);
        if seats.is_empty() {
            self.0.remove(&span);
        }
        left
    }

    /// The slot that the walk stands at, of those that may have expired by now. Until it is taken
    /// out, or the walk is told to [pass](Walk::pass) it, it stays there.
    pub(crate) fn at(&self, walk: &mut Walk, now: u64) -> Option<&Arc<Slot>> {
        let last = Span::of(now);
        // A range that ends before it begins is a panic.
        while walk.span <= last {
            let (span, seats) = self.0.range(walk.span..=last).next()?;
            if *span != walk.span {
                *walk = Walk {
                    span: *span,
                    place: 0,
                };
            }
            match seats.as_slice().get(walk.place) {
                Some(slot) => return Some(slot),
                None => {
                    *walk = Walk {
                        span: span.next(),
                        place: 0,
                    };
                }
            }
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
    /// Leaves the slot that the walk stands at behind.
    pub(crate) fn pass(&mut self) {
        self.place += 1;
    }
}
