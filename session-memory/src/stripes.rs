//! The locks under which slots come and go.

use std::{
    hash::BuildHasher as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

use session_core::StoreKey;

use crate::{deadlines::Deadlines, hasher::KeyHasher};

/// All keys, cut into stripes. A slot comes and goes under the lock of its key's stripe; reads
/// and updates in place take none of them.
pub(crate) struct Stripes {
    stripes: Box<[Mutex<Deadlines>]>,
    hasher: KeyHasher,
}

type Stripe<'a> = MutexGuard<'a, Deadlines>;

impl Stripes {
    const COUNT: usize = 64;

    pub(crate) fn new(hasher: KeyHasher) -> Self {
        let stripes = (0..Self::COUNT).map(|_| Mutex::default()).collect();
        Self { stripes, hasher }
    }

    pub(crate) fn lock(&self, key: &StoreKey) -> Stripe<'_> {
        lock(&self.stripes[self.index(key)])
    }

    /// The stripes of two keys, which may be the same.
    pub(crate) fn lock_both(&self, from: &StoreKey, to: &StoreKey) -> Both<'_> {
        let (from, to) = (self.index(from), self.index(to));
        // Always in the order of the stripes, so that no two callers wait for each other.
        let early = (from < to).then(|| lock(&self.stripes[from]));
        let to_stripe = lock(&self.stripes[to]);
        let from = early.or_else(|| (from > to).then(|| lock(&self.stripes[from])));
        Both {
            from,
            to: to_stripe,
        }
    }

    /// All of them at once, for what must meet no slot on its way from one to another.
    pub(crate) fn lock_all(&self) -> Vec<Stripe<'_>> {
        self.stripes.iter().map(lock).collect()
    }

    /// One after the other, beginning anywhere.
    pub(crate) fn from(&self, start: usize) -> impl Iterator<Item = &Mutex<Deadlines>> {
        let (early, late) = self.stripes.split_at(start % Self::COUNT);
        late.iter().chain(early)
    }

    fn index(&self, key: &StoreKey) -> usize {
        // moka picks its segments by the top bits and its buckets by the low ones.
        (self.hasher.hash_one(key) >> 32) as usize % Self::COUNT
    }
}

/// See [`Stripes::lock_both`].
pub(crate) struct Both<'a> {
    from: Option<Stripe<'a>>,
    to: Stripe<'a>,
}

impl Both<'_> {
    pub(crate) fn from(&mut self) -> &mut Deadlines {
        self.from.as_mut().unwrap_or(&mut self.to)
    }

    pub(crate) fn to(&mut self) -> &mut Deadlines {
        &mut self.to
    }
}

pub(crate) fn lock(stripe: &Mutex<Deadlines>) -> Stripe<'_> {
    stripe.lock().unwrap_or_else(PoisonError::into_inner)
}
