use std::hash::{BuildHasher, Hasher, RandomState};

/// Hashes store keys. They are digests already, so one multiplication for 8 bytes is enough; a
/// secret seed keeps callers who make their own keys from aiming at one bucket.
#[derive(Clone, Copy)]
pub(crate) struct KeyHasher(u64);

impl KeyHasher {
    pub(crate) fn seeded() -> Self {
        Self(RandomState::new().hash_one(0_u64))
    }
}

impl BuildHasher for KeyHasher {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        *self
    }
}

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_ne_bytes(*word));
        }
        for byte in rest {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // Both halves of the product: the low one alone ignores the high bits of the word.
        let product = u128::from(self.0 ^ word) * u128::from(0x9E37_79B9_7F4A_7C15_u64);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    fn write_usize(&mut self, length: usize) {
        self.write_u64(u64::try_from(length).unwrap_or(u64::MAX));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use session_core::StoreKey;

    use super::*;

    #[test]
    fn keys_that_differ_in_one_bit_spread_over_segments_and_buckets() {
        let hasher = KeyHasher::seeded();
        let mut hashes = Vec::new();
        for bit in 0..256 {
            let mut bytes = [0; StoreKey::LEN];
            bytes[bit / 8] |= 1 << (bit % 8);
            hashes.push(hasher.hash_one(StoreKey::from_bytes(bytes)));
        }
        let distinct = |part: fn(u64) -> u64| {
            hashes
                .iter()
                .map(|hash| part(*hash))
                .collect::<HashSet<_>>()
                .len()
        };
        // 256 balls in 256 bins fill 162 of them on average, with a deviation of 5.
        assert!(distinct(|hash| hash >> 56) > 120);
        assert!(distinct(|hash| hash & 0xff) > 120);
        assert!(distinct(|hash| (hash >> 32) & 0xff) > 120);
    }
}
