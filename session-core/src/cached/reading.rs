//! How a read finds its answer, and what it leaves in the near store.

use std::sync::atomic::Ordering;

use super::{Inner, clock::Moment, entry::Entry};
use crate::{NewRecord, Precondition, Record, Store, StoreError, StoreKey, Ttl};

/// What the near store answers to a read.
pub(super) enum Near {
    Hit(Record),
    /// With the key's generation, if no write is under way.
    Miss(Option<u64>),
}

impl<N: Store, F: Store> Inner<N, F> {
    pub(super) async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        let generation = match self.near(key).await {
            Near::Hit(record) => return Ok(Some(record)),
            Near::Miss(generation) => generation,
        };
        let asked = self.clock.now();
        let found = self.far.get(key).await?;
        if let (Some(record), Some(generation)) = (&found, generation) {
            self.fill(key, record, generation, asked).await;
        }
        Ok(found)
    }

    /// Asks the near store, and counts.
    pub(super) async fn near(&self, key: &StoreKey) -> Near {
        let near = self.near.get(key).await;
        // Asked here, once, for both ends: an entry counts only if no write has ended since the far
        // store was asked for it, and what a miss is about to ask the far store for is at least as
        // new as this generation.
        let generation = self.generations.current(key);
        let hit = match near {
            Ok(near) => near.and_then(|near| self.answer(near, generation?)),
            Err(error) => {
                tracing::debug!(%error, "the near store failed");
                None
            }
        };
        let counter = if hit.is_some() {
            &self.hits
        } else {
            &self.misses
        };
        counter.fetch_add(1, Ordering::Relaxed);
        hit.map_or(Near::Miss(generation), Near::Hit)
    }

    fn answer(&self, near: Record, generation: u64) -> Option<Record> {
        let (entry, data) = Entry::decode(&near.data)?;
        let now = self.clock.now();
        if entry.generation != generation || entry.is_over(now, self.max_staleness) {
            return None;
        }
        Some(entry.record(data, near, now))
    }

    /// Leaves what the far store was asked for at `generation` in the near store. If a write comes
    /// between, it does no harm there: it does not count.
    async fn fill(&self, key: &StoreKey, record: &Record, generation: u64, asked: Moment) {
        let answered = self.clock.now();
        let entry = Entry::new(record, generation, asked, answered);
        let life = entry
            .life(self.max_staleness)
            .saturating_sub(answered.since(asked));
        let Ok(ttl) = Ttl::try_from(life) else {
            return; // it is over within a millisecond
        };
        if self.generations.current(key) != Some(generation) {
            return; // nobody would read it
        }
        let data = entry.encode(&record.data);
        let near = NewRecord::new(&data).owner(record.owner.as_deref());
        if let Err(error) = self.near.set(key, &near, ttl, Precondition::Any).await {
            tracing::debug!(%error, "the near store failed");
        }
    }

    /// Gives back the room of an entry that a write has ended.
    pub(super) async fn drop_near(&self, key: &StoreKey) {
        if let Err(error) = self.near.delete(key).await {
            tracing::debug!(%error, "the near store failed");
        }
    }
}
