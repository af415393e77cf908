use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Writes of which nobody knows whether they have happened, or whether they will: they were cut off
/// or failed, and a database that has one already, or is being sent it, may do it a little later.
pub(super) struct Doubts {
    /// The oldest first: when its time is over, and the word of its keys.
    waiting: Mutex<VecDeque<(Instant, usize)>>,
    time: Duration,
}

impl Doubts {
    /// Each lasts for `time`, which is short.
    pub(super) fn lasting(time: Duration) -> Self {
        Self {
            waiting: Mutex::default(),
            time,
        }
    }

    pub(super) fn add(&self, words: impl Iterator<Item = usize>) {
        // Under the lock, so that they stay in order.
        let mut waiting = self.lock();
        let until = Instant::now() + self.time;
        waiting.extend(words.map(|word| (until, word)));
    }

    /// Hands over those whose time is over.
    pub(super) fn end(&self, mut ended: impl FnMut(usize)) {
        let mut waiting = self.lock();
        let now = Instant::now();
        while let Some((_, word)) = waiting.pop_front_if(|(until, _)| *until <= now) {
            ended(word);
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Instant, usize)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
