use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use session_core::{
    Maintain, NewRecord, Operation, OwnedRecord, OwnerIndex, Precondition, Record, SetOutcome,
    Store, StoreError, StoreErrorKind, StoreKey, Ttl, Version,
};

use crate::{
    MemoryStoreBuilder,
    cost::Budget,
    records::{Records, TooLarge},
};

/// Keeps sessions in this process's memory, up to a byte budget.
///
/// A cheap handle: clones share the same records. They are gone with the last clone.
///
/// ```
/// use session_core::{NewRecord, Precondition, Store, StoreError, StoreKey, Ttl};
/// use session_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let store = MemoryStore::new();
/// let key = StoreKey::digest(b"the ID");
/// store.set(&key, &NewRecord::new(b"cart"), Ttl::MAX, Precondition::Absent).await?;
/// assert_eq!(store.get(&key).await?.unwrap().data, "cart");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    records: Arc<Records>,
}

impl MemoryStore {
    /// An empty store of 256 MiB.
    pub fn new() -> Self {
        Self::with_budget(Budget::new(MemoryStoreBuilder::DEFAULT_MAX_BYTES))
    }

    /// Configures a store.
    pub const fn builder() -> MemoryStoreBuilder {
        MemoryStoreBuilder::new()
    }

    /// How many living records were dropped for lack of room since the store was made. If it
    /// grows, sessions end early: raise [`max_bytes`](MemoryStoreBuilder::max_bytes).
    ///
    /// The last few may be counted a moment later: when no thread can be reading them any more.
    pub fn evicted(&self) -> u64 {
        self.records.evicted()
    }

    pub(crate) fn with_budget(budget: Budget) -> Self {
        Self {
            records: Arc::new(Records::new(budget)),
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    /// Shows the budget, nothing of the sessions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("max_bytes", &self.records.budget().max_bytes())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        Ok(self.records.get(key))
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, StoreError> {
        let outcome = self.records.set(key, record, ttl, when);
        outcome.map_err(|error| error.during(Operation::Set))
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        Ok(self.records.delete(key))
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
        Ok(self.records.expire(key, ttl))
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, StoreError> {
        let outcome = self.records.rename(from, to, record, ttl, version);
        outcome.map_err(|error| error.during(Operation::Rename))
    }

    async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
        Ok(self.records.time_left(key).is_some())
    }

    async fn ttl(&self, key: &StoreKey) -> Result<Option<Duration>, StoreError> {
        Ok(self.records.time_left(key))
    }
}

#[async_trait]
impl Maintain for MemoryStore {
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        Ok(self.records.purge(u64::from(limit)).await)
    }

    async fn delete_all(&self) -> Result<u64, StoreError> {
        Ok(self.records.delete_all().await)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        Ok(self.records.count())
    }
}

#[async_trait]
impl OwnerIndex for MemoryStore {
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        Ok(self.records.list(owner))
    }

    async fn delete_owner(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        Ok(self.records.delete_owner(owner, except))
    }
}

impl TooLarge {
    fn during(self, operation: Operation) -> StoreError {
        StoreError::new(StoreErrorKind::TooLarge, operation)
    }
}
