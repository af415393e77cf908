use async_trait::async_trait;

use super::StoreError;

/// Housekeeping over all records of a store's own namespace (its table or key prefix).
#[async_trait]
pub trait Maintain: Send + Sync + 'static {
    /// Removes up to `limit` records that have expired; how many it removed.
    ///
    /// - Never takes a living record, nor one that is renewed meanwhile.
    /// - Fewer than `limit` means that no more were found.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout` or `Other`.
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError>;

    /// Removes all records of this namespace and nothing outside it; how many living ones there
    /// were.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`, `Corrupt` or `Other`: some may have been removed, and some not.
    async fn delete_all(&self) -> Result<u64, StoreError>;

    /// The number of living records.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout` or `Other`.
    async fn count(&self) -> Result<u64, StoreError>;
}
