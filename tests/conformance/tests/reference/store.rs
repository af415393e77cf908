//! A correct store in the fewest words: a map under one lock.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
    time::{Duration, Instant},
};

use session_core::{
    Maintain, NewRecord, OwnedRecord, OwnerIndex, Precondition, Record, SetOutcome, Store,
    StoreError, StoreKey, Timestamp, Ttl, Version, async_trait,
};

pub(crate) type Answer<T> = Result<T, StoreError>;

/// One namespace of a shared map.
#[derive(Clone, Default)]
pub(crate) struct Reference {
    space: u8,
    map: Arc<Mutex<Map>>,
    pub(crate) counter: Arc<AtomicU64>,
}

/// All records of all namespaces, the expired ones included.
pub(crate) type Map = HashMap<(u8, StoreKey), Entry>;

#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) data: Vec<u8>,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) version: Version,
    pub(crate) created_at: Timestamp,
    pub(crate) deadline: Instant,
}

impl Entry {
    pub(crate) fn lives(&self) -> bool {
        self.deadline > Instant::now()
    }

    pub(crate) fn record(&self) -> Record {
        let left = self.deadline.saturating_duration_since(Instant::now());
        // Between the check and here the last moment may pass; what was found had time left.
        Record::new(
            self.data.clone(),
            self.version,
            left.max(Duration::from_nanos(1)),
        )
        .owner(self.owner.clone())
        .created_at(self.created_at, Timestamp::now())
    }

    pub(crate) fn new(record: &NewRecord<'_>, ttl: Ttl, old: Option<&Self>) -> Self {
        let created_at = old.map(|old| old.created_at).or(record.created_at);
        Self {
            data: record.data.to_vec(),
            owner: record.owner.map(Into::into),
            version: Version::unique(),
            created_at: created_at.unwrap_or_else(Timestamp::now),
            deadline: Instant::now() + ttl.as_duration(),
        }
    }
}

impl Reference {
    /// The other namespace of the same map.
    pub(crate) fn neighbour(&self) -> Self {
        Self {
            space: self.space ^ 1,
            ..self.clone()
        }
    }

    /// The name of this record in the map.
    pub(crate) fn id(&self, key: &StoreKey) -> (u8, StoreKey) {
        (self.space, *key)
    }

    /// Everything in here happens at once.
    pub(crate) fn edit<R>(&self, edit: impl FnOnce(&mut Map) -> R) -> R {
        edit(&mut self.map.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The record as it is kept, dead or alive.
    pub(crate) fn kept(&self, key: &StoreKey) -> Option<Entry> {
        self.edit(|map| map.get(&self.id(key)).cloned())
    }

    /// The living record.
    pub(crate) fn living(&self, key: &StoreKey) -> Option<Entry> {
        self.kept(key).filter(Entry::lives)
    }

    /// Keeps this, whatever was there.
    pub(crate) fn keep(&self, key: &StoreKey, entry: Entry) {
        self.edit(|map| map.insert(self.id(key), entry));
    }

    /// Keeps this, as the outcome of a `set`.
    pub(crate) fn stored(&self, key: &StoreKey, entry: Entry) -> SetOutcome {
        let version = entry.version;
        self.keep(key, entry);
        SetOutcome::Stored(version)
    }

    /// Changes the living record; whether there is one.
    pub(crate) fn alter(&self, key: &StoreKey, change: impl FnOnce(&mut Entry)) -> bool {
        self.edit(|map| {
            let entry = map.get_mut(&self.id(key)).filter(|entry| entry.lives());
            entry.map(change).is_some()
        })
    }

    /// Ends the life of the record and keeps it; whether it lived.
    pub(crate) fn mark_dead(&self, key: &StoreKey) -> bool {
        self.alter(key, |entry| entry.deadline = Instant::now())
    }

    /// Gives what is kept a life from now, dead or alive; whether there was something.
    pub(crate) fn renew_kept(&self, key: &StoreKey, ttl: Ttl) -> bool {
        let deadline = Instant::now() + ttl.as_duration();
        self.edit(|map| {
            let entry = map.get_mut(&self.id(key));
            entry.map(|entry| entry.deadline = deadline).is_some()
        })
    }

    /// Forgets what is kept; whether it was alive.
    pub(crate) fn forget(&self, key: &StoreKey) -> bool {
        let gone = self.edit(|map| map.remove(&self.id(key)));
        gone.is_some_and(|gone| gone.lives())
    }

    /// Forgets what does not belong to this; how many of them were alive.
    pub(crate) fn retain(&self, belongs: impl Fn(&StoreKey, &Entry) -> bool) -> u64 {
        let mut living = 0;
        self.edit(|map| {
            map.retain(|(space, key), entry| {
                let stays = *space != self.space || belongs(key, entry);
                living += u64::from(!stays && entry.lives());
                stays
            });
        });
        living
    }

    /// What is kept in this namespace, dead or alive.
    pub(crate) fn all(&self) -> Vec<(StoreKey, Entry)> {
        self.edit(|map| {
            let mine = map.iter().filter(|((space, _), _)| *space == self.space);
            mine.map(|((_, key), entry)| (*key, entry.clone()))
                .collect()
        })
    }
}

/// What stands in the way of a `set`.
pub(crate) fn refusal(old: Option<&Entry>, when: Precondition) -> Option<SetOutcome> {
    match (when, old) {
        (Precondition::Absent, Some(_)) => Some(SetOutcome::Conflict),
        (Precondition::Version(_), None) => Some(SetOutcome::Missing),
        (Precondition::Version(version), Some(old)) if old.version != version => {
            Some(SetOutcome::Conflict)
        }
        _ => None,
    }
}

#[async_trait]
impl Store for Reference {
    async fn get(&self, key: &StoreKey) -> Answer<Option<Record>> {
        Ok(self.living(key).map(|entry| entry.record()))
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Answer<SetOutcome> {
        Ok(self.edit(|map| {
            let old = map.get(&self.id(key)).filter(|old| old.lives());
            if let Some(refusal) = refusal(old, when) {
                return refusal;
            }
            let entry = Entry::new(record, ttl, old);
            let version = entry.version;
            map.insert(self.id(key), entry);
            SetOutcome::Stored(version)
        }))
    }

    async fn delete(&self, key: &StoreKey) -> Answer<bool> {
        Ok(self.forget(key))
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Answer<bool> {
        let deadline = Instant::now() + ttl.as_duration();
        Ok(self.alter(key, |entry| entry.deadline = deadline))
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Answer<SetOutcome> {
        Ok(self.edit(|map| {
            let old = map.get(&self.id(from)).filter(|old| old.lives());
            if let Some(refusal) = refusal(old, Precondition::Version(version)) {
                return refusal;
            }
            if map.get(&self.id(to)).is_some_and(Entry::lives) {
                return SetOutcome::Conflict;
            }
            map.remove(&self.id(from));
            let entry = Entry::new(record, ttl, None);
            let version = entry.version;
            map.insert(self.id(to), entry);
            SetOutcome::Stored(version)
        }))
    }
}

#[async_trait]
impl Maintain for Reference {
    async fn purge_expired(&self, limit: u32) -> Answer<u64> {
        let mut removed = 0;
        self.edit(|map| {
            map.retain(|(space, _), entry| {
                let dead = *space == self.space && !entry.lives();
                let goes = dead && removed < u64::from(limit);
                removed += u64::from(goes);
                !goes
            });
        });
        Ok(removed)
    }

    async fn delete_all(&self) -> Answer<u64> {
        Ok(self.retain(|_, _| false))
    }

    async fn count(&self) -> Answer<u64> {
        let living = self.all().iter().filter(|(_, entry)| entry.lives()).count();
        Ok(living as u64)
    }
}

#[async_trait]
impl OwnerIndex for Reference {
    async fn list(&self, owner: &str) -> Answer<Vec<OwnedRecord>> {
        let mut all = self.all();
        all.retain(|(_, entry)| entry.lives() && entry.owner.as_deref() == Some(owner));
        let owned = |(key, entry): (StoreKey, Entry)| OwnedRecord::new(key, entry.record());
        Ok(all.into_iter().map(owned).collect())
    }

    async fn delete_owner(&self, owner: &str, except: Option<&StoreKey>) -> Answer<u64> {
        let belongs = |key: &StoreKey, entry: &Entry| {
            entry.owner.as_deref() != Some(owner) || except == Some(key)
        };
        Ok(self.retain(belongs))
    }
}
