use async_trait::async_trait;

use super::{Maintain, OwnedRecord, Store, StoreError};
use crate::StoreKey;

/// Finds the records that have an owner: what "sign out everywhere" stands on.
#[async_trait]
pub trait OwnerIndex: Send + Sync + 'static {
    /// The owner's living records, in no particular order.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`, `Corrupt` or `Other`.
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError>;

    /// Removes the owner's records, all or all but one; how many living ones it removed.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`, `Corrupt` or `Other`: some may have been removed, and some not.
    async fn delete_owner(&self, owner: &str, except: Option<&StoreKey>)
    -> Result<u64, StoreError>;
}

/// Everything that the stores of this workspace can do, as one object-safe trait: for code that
/// picks a store at run time and keeps it as `Arc<dyn FullStore>`.
pub trait FullStore: Store + Maintain + OwnerIndex {}

impl<S: Store + Maintain + OwnerIndex + ?Sized> FullStore for S {}
