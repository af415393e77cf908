use std::time::Duration;

use async_trait::async_trait;

use super::Replicated;
use crate::{
    NewRecord, Precondition, Record, SetOutcome, Store, StoreError, StoreKey, Ttl, Version,
};

#[async_trait]
#[deny(
    clippy::missing_trait_methods,
    reason = "the first store's overrides must not get lost"
)]
impl<S: Store> Store for Replicated<S> {
    async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        self.inner.first.get(key).await
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, StoreError> {
        let outcome = self.inner.first.set(key, record, ttl, when).await?;
        if let SetOutcome::Stored(_) = outcome {
            self.inner.copy(key).await?;
        }
        Ok(outcome)
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let deleted = self.inner.first.delete(key).await?;
        self.inner.each(|replica| replica.delete(key)).await?;
        Ok(deleted)
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
        let extended = self.inner.first.expire(key, ttl).await?;
        if extended {
            self.inner.each(|replica| replica.expire(key, ttl)).await?;
        }
        Ok(extended)
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, StoreError> {
        let first = &self.inner.first;
        let outcome = first.rename(from, to, record, ttl, version).await?;
        if let SetOutcome::Stored(_) = outcome {
            // The new name first: cut off in between, a replica has both, and not neither.
            self.inner.copy(to).await?;
            self.inner.each(|replica| replica.delete(from)).await?;
        }
        Ok(outcome)
    }

    async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.inner.first.exists(key).await
    }

    async fn ttl(&self, key: &StoreKey) -> Result<Option<Duration>, StoreError> {
        self.inner.first.ttl(key).await
    }
}
