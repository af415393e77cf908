use session_core::{
    NewRecord, Operation, Precondition, Record, SetOutcome, Store, StoreError, StoreKey, Timestamp,
    Ttl, Version, async_trait,
};

use super::{SpyStore, spy_store::Kept};

#[async_trait]
impl Store for SpyStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        self.call("get", Operation::Get, |store| {
            let now = store.now();
            let kept = store.records().get(key)?.clone();
            let record = Record::new(kept.data, kept.version, kept.deadline.since(now))
                .owner(kept.owner)
                .created_at(kept.created_at, now);
            Some(record)
        })
        .await
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, StoreError> {
        self.call("set", Operation::Set, |store| {
            let mut records = store.records();
            let old = records.get(key);
            match (when, old) {
                (Precondition::Absent, Some(_)) => return SetOutcome::Conflict,
                (Precondition::Version(_), None) => return SetOutcome::Missing,
                (Precondition::Version(version), Some(old)) if old.version != version => {
                    return SetOutcome::Conflict;
                }
                _ => {}
            }
            let created_at = old.map(|old| old.created_at).or(record.created_at);
            let kept = store.kept(record, ttl, created_at);
            let version = kept.version;
            records.insert(*key, kept);
            SetOutcome::Stored(version)
        })
        .await
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.call("delete", Operation::Delete, |store| store.remove(key))
            .await
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
        self.call("expire", Operation::Expire, |store| {
            let deadline = store.in_time(ttl);
            match store.records().get_mut(key) {
                Some(kept) => {
                    kept.deadline = deadline;
                    true
                }
                None => false,
            }
        })
        .await
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, StoreError> {
        self.call("rename", Operation::Rename, |store| {
            let mut records = store.records();
            match records.get(from) {
                None => return SetOutcome::Missing,
                Some(old) if old.version != version || records.contains_key(to) => {
                    return SetOutcome::Conflict;
                }
                Some(_) => {}
            }
            records.remove(from);
            let kept = store.kept(record, ttl, record.created_at);
            let version = kept.version;
            records.insert(*to, kept);
            SetOutcome::Stored(version)
        })
        .await
    }

    async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.call("exists", Operation::Exists, |store| {
            store.records().contains_key(key)
        })
        .await
    }
}

impl SpyStore {
    fn kept(&self, record: &NewRecord<'_>, ttl: Ttl, created_at: Option<Timestamp>) -> Kept {
        Kept {
            data: record.data.to_vec(),
            owner: record.owner.map(Into::into),
            version: Version::unique(),
            created_at: created_at.unwrap_or_else(|| self.now()),
            deadline: self.in_time(ttl),
        }
    }

    fn in_time(&self, ttl: Ttl) -> Timestamp {
        Timestamp::from_unix_millis(self.now().as_unix_millis() + ttl.as_millis_i64())
    }
}
