use std::time::Duration;

use session_core::{
    NewRecord, Operation, Precondition, Record, SetOutcome, Store, StoreError, StoreErrorKind,
    StoreKey, Ttl, Version, async_trait,
};

use crate::{
    layout::{LARGEST_DATA, LONGEST_OWNER},
    run::{Answer, CONFLICT, DONE, MISSING},
    store::RedisStore,
};

#[async_trait]
impl Store for RedisStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        self.shared.get(Operation::Get, key).await
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, StoreError> {
        fits(Operation::Set, record)?;
        let new = Version::unique();
        self.shared.forget(key);
        let answer = self.shared.set(key, record, ttl, when, new).await;
        self.shared.forget(key);
        outcome(Operation::Set, answer?, new)
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.shared.forget(key);
        let answer = self.shared.delete(Operation::Delete, key, None).await;
        self.shared.forget(key);
        Ok(answer?.if_done()? == DONE)
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
        self.shared.forget(key);
        let answer = self.shared.expire(key, ttl).await;
        self.shared.forget(key);
        // Twice is no more than once.
        Ok(answer?.code == DONE)
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, StoreError> {
        fits(Operation::Rename, record)?;
        if from == to {
            return Ok(if self.exists(from).await? {
                SetOutcome::Conflict
            } else {
                SetOutcome::Missing
            });
        }
        let new = Version::unique();
        self.shared.forget(from);
        let answer = self
            .shared
            .rename(from, to, record, ttl, version, new)
            .await;
        self.shared.forget(from);
        self.shared.forget(to);
        outcome(Operation::Rename, answer?, new)
    }

    async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
        Ok(self.shared.get(Operation::Exists, key).await?.is_some())
    }

    async fn ttl(&self, key: &StoreKey) -> Result<Option<Duration>, StoreError> {
        let record = self.shared.get(Operation::Ttl, key).await?;
        Ok(record.map(|record| record.expires_in))
    }
}

fn outcome(operation: Operation, answer: Answer, new: Version) -> Result<SetOutcome, StoreError> {
    match answer.if_done()? {
        DONE => Ok(SetOutcome::Stored(new)),
        CONFLICT => Ok(SetOutcome::Conflict),
        MISSING => Ok(SetOutcome::Missing),
        _ => Err(StoreError::new(StoreErrorKind::Unavailable, operation)
            .with_source("others write this record or move it again and again")),
    }
}

fn fits(operation: Operation, record: &NewRecord<'_>) -> Result<(), StoreError> {
    let too_large = |what: &'static str| {
        Err(StoreError::new(StoreErrorKind::TooLarge, operation).with_source(what))
    };
    if record.data.len() > LARGEST_DATA {
        return too_large("a record has 511 MiB at most here");
    }
    match record.owner {
        Some(owner) if owner.len() > LONGEST_OWNER => {
            too_large("an owner has 65 000 bytes at most here")
        }
        _ => Ok(()),
    }
}
