//! A list of slots that each know their place in it.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use crate::slot::Slot;

/// One slot's place in one list. Read and written under that list's lock only.
#[derive(Default)]
pub(crate) struct Seat(AtomicU32);

/// Slots in no particular order. One is taken out without a search.
pub(crate) struct Seats {
    slots: Vec<Arc<Slot>>,
    seat: fn(&Slot) -> &Seat,
}

impl Seats {
    /// An empty list, in which each slot's place is the one that `seat` picks.
    pub(crate) fn new(seat: fn(&Slot) -> &Seat) -> Self {
        Self {
            // Most lists stay short, and a vector begins with room for four.
            slots: Vec::with_capacity(1),
            seat,
        }
    }

    pub(crate) fn as_slice(&self) -> &[Arc<Slot>] {
        &self.slots
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub(crate) fn join(&mut self, slot: &Arc<Slot>) {
        let place = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        (self.seat)(slot).take(place);
        self.slots.push(Arc::clone(slot));
    }

    /// Takes the slot out; whether it was in.
    pub(crate) fn leave(&mut self, slot: &Arc<Slot>) -> bool {
        let place = (self.seat)(slot).place();
        let there = usize::try_from(place).ok().filter(|index| {
            let there = self.slots.get(*index);
            there.is_some_and(|there| Arc::ptr_eq(there, slot))
        });
        let Some(index) = there else {
            return false;
        };
        self.slots.swap_remove(index);
        if let Some(moved) = self.slots.get(index) {
            (self.seat)(moved).take(place);
        }
        if self.slots.capacity() / 4 > self.slots.len() {
            self.slots.shrink_to(self.slots.len() * 2);
        }
        true
    }
}

impl Seat {
    fn place(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    fn take(&self, place: u32) {
        self.0.store(place, Ordering::Relaxed);
    }
}
