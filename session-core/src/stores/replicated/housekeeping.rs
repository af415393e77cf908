use async_trait::async_trait;

use super::Replicated;
use crate::{FullStore, Maintain, OwnedRecord, OwnerIndex, StoreError, StoreKey};

#[async_trait]
impl<S: FullStore> Maintain for Replicated<S> {
    /// Of every store; the replicas' are not counted, and are gone as soon.
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let purged = self.inner.first.purge_expired(limit).await?;
        self.inner
            .each(|replica| replica.purge_expired(limit))
            .await?;
        Ok(purged)
    }

    async fn delete_all(&self) -> Result<u64, StoreError> {
        let deleted = self.inner.first.delete_all().await?;
        self.inner.each(Maintain::delete_all).await?;
        Ok(deleted)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        self.inner.first.count().await
    }
}

#[async_trait]
impl<S: FullStore> OwnerIndex for Replicated<S> {
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        self.inner.first.list(owner).await
    }

    async fn delete_owner(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        let deleted = self.inner.first.delete_owner(owner, except).await?;
        self.inner
            .each(|replica| replica.delete_owner(owner, except))
            .await?;
        Ok(deleted)
    }
}
