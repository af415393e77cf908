//! What lies in the near store: the far record, and when it was read.

use std::time::Duration;

use bytes::Bytes;

use super::clock::{Moment, nanos};
use crate::{Record, Timestamp, Ttl, Version};

/// What is put before a record's data in the near store: 68 bytes, integers in little-endian. The
/// format is private to a process and may change with any version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    /// The key's when the far store was asked.
    pub(super) generation: u64,
    version: Version,
    created_at: Timestamp,
    age: Duration,
    /// Nanoseconds that the far store said are left to live.
    left: u64,
    asked: Moment,
    /// Nanoseconds from the question to the answer.
    took: u64,
}

impl Entry {
    const LEN: usize = 68;

    /// Of a record that the far store was asked for, and gave, at these moments.
    pub(super) fn new(record: &Record, generation: u64, asked: Moment, answered: Moment) -> Self {
        Self {
            generation,
            version: record.version,
            created_at: record.created_at,
            age: record.age,
            left: nanos(record.expires_in),
            asked,
            took: nanos(answered.since(asked)),
        }
    }

    /// How long it counts from when the far store was asked: until it is as stale as is allowed,
    /// and never to the far record's end, by whichever of both machines' clocks runs faster.
    pub(super) fn life(&self, max_staleness: Ttl) -> Duration {
        let stale = max_staleness.as_duration();
        let ends = Duration::from_nanos(self.left);
        let margin = Duration::from_millis(5) + ends.min(stale) / 1000;
        stale.min(ends.saturating_sub(margin))
    }

    /// The entry with the data, as the near store keeps it.
    pub(super) fn encode(&self, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::LEN + data.len());
        bytes.extend(self.generation.to_le_bytes());
        bytes.extend(self.version.as_i64().to_le_bytes());
        bytes.extend(self.created_at.as_unix_millis().to_le_bytes());
        bytes.extend(self.age.as_secs().to_le_bytes());
        bytes.extend(self.age.subsec_nanos().to_le_bytes());
        bytes.extend(self.left.to_le_bytes());
        bytes.extend(self.asked.steady.to_le_bytes());
        bytes.extend(self.asked.wall.as_unix_millis().to_le_bytes());
        bytes.extend(self.took.to_le_bytes());
        bytes.extend(data);
        bytes
    }

    /// The entry and the data that `encode` made one; `None` if it cannot have.
    pub(super) fn decode(bytes: &Bytes) -> Option<(Self, Bytes)> {
        let mut rest = &bytes[..];
        let entry = Self {
            generation: u64::from_le_bytes(take(&mut rest)?),
            version: Version::from_i64(i64::from_le_bytes(take(&mut rest)?)),
            created_at: Timestamp::from_unix_millis(i64::from_le_bytes(take(&mut rest)?)),
            age: {
                let secs = u64::from_le_bytes(take(&mut rest)?);
                let nanos = u32::from_le_bytes(take(&mut rest)?);
                Duration::from_secs(secs).checked_add(Duration::from_nanos(nanos.into()))?
            },
            left: u64::from_le_bytes(take(&mut rest)?),
            asked: Moment {
                steady: u64::from_le_bytes(take(&mut rest)?),
                wall: Timestamp::from_unix_millis(i64::from_le_bytes(take(&mut rest)?)),
            },
            took: u64::from_le_bytes(take(&mut rest)?),
        };
        Some((entry, bytes.slice(Self::LEN..)))
    }

    /// Whether it counts no longer, whatever has been written.
    pub(super) fn is_over(&self, now: Moment, max_staleness: Ttl) -> bool {
        now.since_at_most(self.asked) >= self.life(max_staleness)
    }

    /// The far record as it is now, given its data and the near record's owner.
    pub(super) fn record(&self, data: Bytes, near: Record, now: Moment) -> Record {
        // The far store read its clock between question and answer: most likely halfway.
        let halfway = Duration::from_nanos(self.took / 2);
        let passed = now.since(self.asked).saturating_sub(halfway);
        Record {
            data,
            owner: near.owner,
            version: self.version,
            created_at: self.created_at,
            age: self.age.saturating_add(passed),
            expires_in: Duration::from_nanos(self.left).saturating_sub(passed),
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64, wall: i64) -> Moment {
        Moment {
            steady: millis * 1_000_000,
            wall: Timestamp::from_unix_millis(wall),
        }
    }

    fn entry(left: u64) -> Entry {
        let left = Duration::from_millis(left);
        let (created_at, now) = (
            Timestamp::from_unix_millis(-1),
            Timestamp::from_unix_millis(6),
        );
        let record = Record::new("", Version::from_i64(-7), left).created_at(created_at, now);
        Entry::new(&record, u64::MAX, at(100, 5000), at(104, 5004))
    }

    fn stale(millis: u64) -> Ttl {
        Ttl::from_millis(millis).unwrap()
    }

    #[test]
    fn it_comes_back_with_its_data() {
        for data in [&b""[..], b"data", &[0; 1000]] {
            let encoded = Bytes::from(entry(60_000).encode(data));
            assert_eq!(encoded.len(), Entry::LEN + data.len());
            let (decoded, rest) = Entry::decode(&encoded).unwrap();
            assert_eq!((decoded, &rest[..]), (entry(60_000), data));
        }
    }

    #[test]
    fn what_is_too_short_is_none() {
        let encoded = entry(60_000).encode(b"");
        for len in 0..Entry::LEN {
            assert_eq!(
                Entry::decode(&Bytes::copy_from_slice(&encoded[..len])),
                None
            );
        }
    }

    #[test]
    fn it_counts_until_it_is_too_stale_by_either_clock() {
        let (entry, second) = (entry(60_000), stale(1000));
        assert!(!entry.is_over(at(1099, 5999), second));
        assert!(entry.is_over(at(1100, 5999), second));
        assert!(entry.is_over(at(1099, 6000), second));
        // A wall clock that was set back says nothing.
        assert!(!entry.is_over(at(1099, 0), second));
    }

    #[test]
    fn it_never_counts_to_the_end_of_the_record() {
        let minute = stale(60_000);
        assert!(!entry(2000).is_over(at(2092, 6900), minute));
        assert!(entry(2000).is_over(at(2094, 6900), minute)); // 5 ms and a thousandth before
        assert!(entry(5).is_over(at(100, 5000), minute));
    }

    #[test]
    fn time_goes_on_from_halfway_between_question_and_answer() {
        let near = Record::new("near", Version::unique(), Duration::MAX).owner(Some("ada".into()));
        let record = entry(60_000).record("data".into(), near, at(1102, 0));
        assert_eq!(
            (&record.data[..], record.owner.as_deref()),
            (&b"data"[..], Some("ada"))
        );
        assert_eq!(record.version, Version::from_i64(-7));
        assert_eq!(record.created_at, Timestamp::from_unix_millis(-1));
        assert_eq!(record.age, Duration::from_millis(7 + 1000));
        assert_eq!(record.expires_in, Duration::from_millis(59_000));
    }
}
