//! Every write goes to the far store, and ends what the near store has of its keys.

use std::time::Duration;

use async_trait::async_trait;

use super::{Cached, reading::Near};
use crate::{
    NewRecord, Precondition, Record, SetOutcome, Store, StoreError, StoreKey, Ttl, Version,
};

#[async_trait]
#[deny(
    clippy::missing_trait_methods,
    reason = "the far store's overrides must not get lost"
)]
impl<N: Store, F: Store> Store for Cached<N, F> {
    async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        self.inner.get(key).await
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, StoreError> {
        let writing = self.inner.generations.write(key);
        let outcome = self.inner.far.set(key, record, ttl, when).await?;
        writing.answered();
        Ok(outcome)
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let writing = self.inner.generations.write(key);
        let deleted = self.inner.far.delete(key).await?;
        writing.answered();
        self.inner.drop_near(key).await;
        Ok(deleted)
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
        let writing = self.inner.generations.write(key);
        let expired = self.inner.far.expire(key, ttl).await?;
        writing.answered();
        Ok(expired)
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, StoreError> {
        let writing = self.inner.generations.write_both(from, to);
        let outcome = self
            .inner
            .far
            .rename(from, to, record, ttl, version)
            .await?;
        writing.answered();
        self.inner.drop_near(from).await;
        Ok(outcome)
    }

    async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
        match self.inner.near(key).await {
            Near::Hit(_) => Ok(true),
            Near::Miss(_) => self.inner.far.exists(key).await,
        }
    }

    async fn ttl(&self, key: &StoreKey) -> Result<Option<Duration>, StoreError> {
        match self.inner.near(key).await {
            Near::Hit(record) => Ok(Some(record.expires_in)),
            Near::Miss(_) => self.inner.far.ttl(key).await,
        }
    }
}
