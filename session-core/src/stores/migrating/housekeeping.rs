//! Both stores, the old one first: what moves meanwhile is met in one of them.

use std::collections::HashSet;

use async_trait::async_trait;

use super::{Migrating, pending::is_mark};
use crate::{Maintain, OwnedRecord, OwnerIndex, StoreError, StoreKey};

#[async_trait]
impl<New: Maintain, Old: Maintain> Maintain for Migrating<New, Old> {
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let old = self.old.purge_expired(limit).await?;
        let left = u64::from(limit).saturating_sub(old);
        match u32::try_from(left) {
            Ok(left) if left > 0 => Ok(old + self.new.purge_expired(left).await?),
            _ => Ok(old),
        }
    }

    async fn delete_all(&self) -> Result<u64, StoreError> {
        Ok(self.old.delete_all().await? + self.new.delete_all().await?)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        Ok(self.old.count().await? + self.new.count().await?)
    }
}

#[async_trait]
impl<New: OwnerIndex, Old: OwnerIndex> OwnerIndex for Migrating<New, Old> {
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        let mut old = self.old.list(owner).await?;
        let mut all = self.new.list(owner).await?;
        all.retain(|owned| !is_mark(&owned.record));
        let moved: HashSet<StoreKey> = all.iter().map(|owned| owned.key).collect();
        old.retain(|owned| !moved.contains(&owned.key));
        all.append(&mut old);
        Ok(all)
    }

    async fn delete_owner(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        let old = self.old.delete_owner(owner, except).await?;
        Ok(old + self.new.delete_owner(owner, except).await?)
    }
}
