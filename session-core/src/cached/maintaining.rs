//! Housekeeping and the owner index are the far store's.

use async_trait::async_trait;

use super::Cached;
use crate::{Maintain, OwnedRecord, OwnerIndex, StoreError, StoreKey};

#[async_trait]
#[deny(
    clippy::missing_trait_methods,
    reason = "the far store's overrides must not get lost"
)]
impl<N: Maintain, F: Maintain> Maintain for Cached<N, F> {
    /// Of the far store; the near one gives back the room of all that has expired there, uncounted.
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        // Near records live briefly, so there may be many more of them than `limit`.
        if let Err(error) = self.inner.near.purge_expired(u32::MAX).await {
            tracing::debug!(%error, "the near store failed");
        }
        // What has expired is absent for every read already: nothing ends here.
        self.inner.far.purge_expired(limit).await
    }

    async fn delete_all(&self) -> Result<u64, StoreError> {
        let writing = self.inner.generations.write_all();
        let deleted = self.inner.far.delete_all().await?;
        writing.answered();
        if let Err(error) = self.inner.near.delete_all().await {
            tracing::debug!(%error, "the near store failed");
        }
        Ok(deleted)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        self.inner.far.count().await
    }
}

/// The near store needs no owner index.
#[async_trait]
#[deny(
    clippy::missing_trait_methods,
    reason = "the far store's overrides must not get lost"
)]
impl<N: Send + Sync + 'static, F: OwnerIndex> OwnerIndex for Cached<N, F> {
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        self.inner.far.list(owner).await
    }

    async fn delete_owner(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        // Any key may be the owner's by now, whatever the near store says.
        let writing = self.inner.generations.write_all();
        let deleted = self.inner.far.delete_owner(owner, except).await?;
        writing.answered();
        Ok(deleted)
    }
}
