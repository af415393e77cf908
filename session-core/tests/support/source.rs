use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use session_core::{IdError, IdSource};

/// A source that has nothing to give from its nth ID on.
pub(crate) struct SilentSource {
    left: AtomicUsize,
}

impl SilentSource {
    pub(crate) fn after(ids: usize) -> Self {
        Self {
            left: AtomicUsize::new(ids),
        }
    }
}

impl IdSource for SilentSource {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), IdError> {
        let left = self.left.load(Ordering::SeqCst);
        if left == 0 {
            return Err(IdError::new("nothing left"));
        }
        self.left.store(left - 1, Ordering::SeqCst);
        bytes.fill(u8::try_from(left).unwrap());
        Ok(())
    }
}

/// A broken source that gives these IDs, one byte repeated each, and the last one for ever.
pub(crate) struct FixedSource(Mutex<Vec<u8>>);

impl FixedSource {
    pub(crate) fn new(ids: &[u8]) -> Self {
        Self(Mutex::new(ids.iter().rev().copied().collect()))
    }
}

impl IdSource for FixedSource {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), IdError> {
        let mut ids = self.0.lock().unwrap();
        let id = if ids.len() > 1 {
            ids.pop()
        } else {
            ids.last().copied()
        };
        bytes.fill(id.unwrap());
        Ok(())
    }
}

/// The same bytes for the same seed, by the SplitMix64 generator.
pub(crate) fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_le_bytes()[0]
    })
}
