use futures_util::TryStreamExt as _;
use session_core::{Operation, OwnedRecord, OwnerIndex, StoreError, StoreKey, async_trait};

use super::{SqliteStore, code::fault, row};

#[async_trait]
impl OwnerIndex for SqliteStore {
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        sqlx::query(self.sql().list.clone())
            .bind(owner)
            .fetch(self.reader())
            .and_then(async |row| row::owned_record(&row))
            .try_collect()
            .await
            .map_err(fault(Operation::List))
    }

    async fn delete_owner(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        let query = sqlx::query(self.sql().delete_owner.clone())
            .bind(owner)
            .bind(except.map(|key| key.as_bytes().as_slice()));
        self.remove(Operation::DeleteOwner, query).await
    }
}
