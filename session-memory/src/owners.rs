//! Which slots belong to which owner.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{seats::Seats, slot::Slot};

/// A list of slots for each owner who has any.
///
/// A slot may be listed that is not born yet or no longer alive: readers look at the slot, and ask moka.
pub(crate) struct Owners {
    shards: Box<[Mutex<Shard>]>,
    hasher: RandomState,
}

#[derive(Default)]
pub(crate) struct Shard(HashMap<Arc<str>, Seats>);

impl Owners {
    const COUNT: usize = 16;

    pub(crate) fn new() -> Self {
        Self {
            shards: (0..Self::COUNT).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// The shard that lists this owner's slots. While it is locked, no record of theirs moves to
    /// another key or another owner.
    pub(crate) fn lock(&self, owner: &str) -> MutexGuard<'_, Shard> {
        self.shard(self.index(owner))
    }

    /// Moves a slot from one owner's list to another's if `apply`, which gets the new owner's
    /// shared name, says so; all while both lists are locked.
    pub(crate) fn reassign(
        &self,
        slot: &Arc<Slot>,
        old: Option<&str>,
        new: Option<&str>,
        apply: impl FnOnce(Option<Arc<str>>) -> bool,
    ) {
        let (from, to) = (old.map(|o| self.index(o)), new.map(|n| self.index(n)));
        // Always in the order of the shards, so that no two callers wait for each other.
        let mut low = from.into_iter().chain(to).min().map(|i| (i, self.shard(i)));
        let high = from.into_iter().chain(to).max();
        let high = high.filter(|i| low.as_ref().is_some_and(|(low, _)| low != i));
        let mut high = high.map(|i| (i, self.shard(i)));
        let mut pick = |wanted: Option<usize>, act: &mut dyn FnMut(&mut Shard)| {
            let mut held = low.iter_mut().chain(high.iter_mut());
            if let Some((_, shard)) = held.find(|(index, _)| Some(*index) == wanted) {
                act(shard);
            }
        };
        let mut name = None;
        if let Some(new) = new {
            pick(to, &mut |shard| name = Some(shard.name(new)));
        }
        if !apply(name.clone()) {
            return;
        }
        if let Some(old) = old {
            pick(from, &mut |shard| shard.leave(old, slot));
        }
        if let Some(name) = name {
            pick(to, &mut |shard| shard.join(&name, slot));
        }
    }

    fn index(&self, owner: &str) -> usize {
        self.hasher.hash_one(owner) as usize % Self::COUNT
    }

    fn shard(&self, index: usize) -> MutexGuard<'_, Shard> {
        self.shards[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    pub(crate) fn slots(&self, owner: &str) -> &[Arc<Slot>] {
        self.0.get(owner).map_or(&[], Seats::as_slice)
    }

    /// The owner's name as all of their slots share it.
    pub(crate) fn name(&self, owner: &str) -> Arc<str> {
        let known = self.0.get_key_value(owner);
        known.map_or_else(|| Arc::from(owner), |(name, _)| Arc::clone(name))
    }

    pub(crate) fn join(&mut self, owner: &Arc<str>, slot: &Arc<Slot>) {
        let seats = self.0.entry(Arc::clone(owner));
        seats.or_insert_with(Seats::new).join(slot, Slot::listed_at);
    }

    pub(crate) fn leave(&mut self, owner: &str, slot: &Arc<Slot>) {
        let Some(seats) = self.0.get_mut(owner) else {
            return;
        };
        seats.leave(slot, Slot::listed_at);
        if seats.is_empty() {
            self.0.remove(owner);
            if self.0.capacity() / 4 > self.0.len() {
                self.0.shrink_to(self.0.len() * 2);
            }
        }
    }
}

#[cfg(test)]
impl Owners {
    /// How many owners are listed.
    pub(crate) fn len(&self) -> usize {
        (0..Self::COUNT)
            .map(|index| self.shard(index).0.len())
            .sum()
    }
}
