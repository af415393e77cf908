//! Which near entries still count: those that no write of this process has come after.

use std::{
    sync::atomic::{AtomicU64, Ordering::SeqCst},
    time::Duration,
};

use rand::Rng as _;

use super::doubts::Doubts;
use crate::StoreKey;

/// Counts the writes that begin and end, for each of 65 536 stripes of keys and for all keys.
///
/// A word grows by one when a write begins, and by the rest of `ENDED` when it ends. So its low bits
/// are zero when nobody writes, and no word returns to what it was within 2⁴⁰ writes. Who reads the
/// same generation twice knows that no write began or ended in between.
pub(super) struct Generations {
    /// One word for each stripe, and one for all keys at the end.
    words: Box<[AtomicU64]>,
    /// Of each handle its own, so that what another one left in the near store counts for nothing.
    salt: u64,
    doubts: Doubts,
}

impl Generations {
    /// So many that a write ends the entries of few other keys; half a mebibyte of words.
    const STRIPES: usize = 1 << 16;
    const BEGUN: u64 = 1;
    const ENDED: u64 = 1 << 24;

    /// `doubt`: how long a write that was cut off or failed counts as being under way.
    pub(super) fn new(doubt: Duration) -> Self {
        Self {
            words: (0..=Self::STRIPES).map(|_| AtomicU64::new(0)).collect(),
            salt: rand::rng().next_u64(),
            doubts: Doubts::lasting(doubt),
        }
    }

    /// The key's generation; `None` while a write is under way that may change it.
    pub(super) fn current(&self, key: &StoreKey) -> Option<u64> {
        let one = self.words[Self::stripe(key)].load(SeqCst);
        let all = self.words[Self::STRIPES].load(SeqCst);
        if (one | all).is_multiple_of(Self::ENDED) {
            return Some(one.wrapping_add(all).wrapping_add(self.salt));
        }
        self.end_doubts();
        None
    }

    /// A write of one key begins.
    pub(super) fn write(&self, key: &StoreKey) -> Writing<'_> {
        self.begin(Self::stripe(key), None)
    }

    /// A write of two keys begins.
    pub(super) fn write_both(&self, from: &StoreKey, to: &StoreKey) -> Writing<'_> {
        self.begin(Self::stripe(from), Some(Self::stripe(to)))
    }

    /// A write begins that may reach any key.
    pub(super) fn write_all(&self) -> Writing<'_> {
        self.begin(Self::STRIPES, None)
    }

    fn begin(&self, word: usize, other: Option<usize>) -> Writing<'_> {
        for word in [Some(word), other].into_iter().flatten() {
            self.words[word].fetch_add(Self::BEGUN, SeqCst);
        }
        Writing {
            generations: self,
            words: [Some(word), other],
            is_known: false,
        }
    }

    /// Takes the writes for done that have been in doubt for long enough.
    fn end_doubts(&self) {
        self.doubts.end(|word| self.end(word));
    }

    fn end(&self, word: usize) {
        self.words[word].fetch_add(Self::ENDED - Self::BEGUN, SeqCst);
    }

    /// A key is a digest: any of its bits are as good as a hash.
    fn stripe(key: &StoreKey) -> usize {
        let [low, high, ..] = *key.as_bytes();
        usize::from(u16::from_le_bytes([low, high]))
    }
}

/// A write under way: until it is dropped, none of its keys has a generation.
#[must_use = "the write ends when this is dropped"]
pub(super) struct Writing<'a> {
    generations: &'a Generations,
    words: [Option<usize>; 2],
    is_known: bool,
}

impl Writing<'_> {
    /// The far store has answered: what the write did is done, and nothing of it comes later.
    pub(super) fn answered(mut self) {
        self.is_known = true;
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let words = self.words.into_iter().flatten();
        if self.is_known {
            words.for_each(|word| self.generations.end(word));
        } else {
            self.generations.end_doubts();
            self.generations.doubts.add(words);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn key(first: u8) -> StoreKey {
        let mut bytes = [0; StoreKey::LEN];
        bytes[0] = first;
        StoreKey::from_bytes(bytes)
    }

    fn generations(doubt: Duration) -> Generations {
        Generations::new(doubt)
    }

    #[test]
    fn a_write_gives_its_key_a_new_generation_and_no_other() {
        let generations = generations(HOUR);
        let before = [1, 2].map(|first| generations.current(&key(first)));
        let writing = generations.write(&key(1));
        assert_eq!(generations.current(&key(1)), None);
        writing.answered();
        assert!(
            generations
                .current(&key(1))
                .is_some_and(|after| Some(after) != before[0])
        );
        assert_eq!(generations.current(&key(2)), before[1]);
    }

    #[test]
    fn a_write_of_all_keys_gives_each_a_new_generation() {
        let generations = generations(HOUR);
        let before = generations.current(&key(1));
        let writing = generations.write_all();
        assert_eq!(generations.current(&key(1)), None);
        writing.answered();
        assert!(
            generations
                .current(&key(1))
                .is_some_and(|after| Some(after) != before)
        );
    }

    #[test]
    fn a_key_moved_onto_its_own_stripe_is_written_once_it_ends() {
        let generations = generations(HOUR);
        generations.write_both(&key(1), &key(1)).answered();
        assert!(generations.current(&key(1)).is_some());
    }

    #[test]
    fn a_write_in_doubt_counts_as_under_way_for_its_time() {
        let generations = generations(Duration::from_millis(20));
        let before = generations.current(&key(1));
        let begun = Instant::now();
        drop(generations.write(&key(1)));
        let after = loop {
            if let Some(after) = generations.current(&key(1)) {
                break after;
            }
        };
        assert!(begun.elapsed() >= Duration::from_millis(20));
        assert_ne!(Some(after), before);
    }

    #[test]
    fn two_handles_share_no_generation() {
        let [one, other] = [generations(HOUR), generations(HOUR)];
        assert_ne!(one.current(&key(1)), other.current(&key(1)));
    }
}
