use session_core::{Maintain, Operation, StoreError, async_trait};

use super::{SqliteStore, row};

#[async_trait]
impl Maintain for SqliteStore {
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let query = sqlx::query(self.sql().purge_expired.clone()).bind(i64::from(limit));
        self.write(Operation::PurgeExpired, query).await
    }

    async fn delete_all(&self) -> Result<u64, StoreError> {
        let query = sqlx::query(self.sql().delete_all.clone());
        self.remove(Operation::DeleteAll, query).await
    }

    async fn count(&self) -> Result<u64, StoreError> {
        let query = sqlx::query(self.sql().count.clone());
        let count = self.read_one(Operation::Count, query, row::count).await?;
        Ok(count.unwrap_or_default())
    }
}
