//! A list of slots that each know their place in it.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use crate::slot::Slot;

/// One slot's place in one list. Read and written under that list's lock only.
#[derive(Default)]
pub(crate) struct Seat(AtomicU32);

/// Slots in no particular order. One is taken out without a search. Each slot's place in the list is
/// the one that `seat` picks, always the same.
pub(crate) struct Seats(Vec<Arc<Slot>>);

impl Seats {
    pub(crate) fn new() -> Self {
        // Most lists stay short, and a vector begins with room for four.
        Self(Vec::with_capacity(1))
    }

    pub(crate) fn as_slice(&self) -> &[Arc<Slot>] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn join(&mut self, slot: &Arc<Slot>, seat: fn(&Slot) -> &Seat) {
        seat(slot).take(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        self.0.push(Arc::clone(slot));
    }

    /// Takes the slot out, and the last one takes its place; whether it was in.
    pub(crate) fn leave(&mut self, slot: &Arc<Slot>, seat: fn(&Slot) -> &Seat) -> bool {
        let place = seat(slot).place();
        let there = usize::try_from(place).ok().filter(|index| {
            let there = self.0.get(*index);
            there.is_some_and(|there| Arc::ptr_eq(there, slot))
        });
        let Some(index) = there else {
            return false;
        };
        self.0.swap_remove(index);
        if let Some(moved) = self.0.get(index) {
            seat(moved).take(place);
        }
        if self.0.capacity() / 4 > self.0.len() {
            self.0.shrink_to(self.0.len() * 2);
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
