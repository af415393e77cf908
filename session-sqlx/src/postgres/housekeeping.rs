use session_core::{Maintain, Operation, StoreError, async_trait};

use super::{PostgresStore, row, store::CODES};
use crate::again::OnLoss;

#[async_trait]
impl Maintain for PostgresStore {
    /// In one statement. If its answer is lost with the connection it runs again, once: then up to twice the
    /// limit is removed, and the second half is counted.
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let run = || {
            let query = sqlx::query(self.sql().purge_expired.clone()).bind(i64::from(limit));
            self.execute(query)
        };
        let ran = self
            .run(Operation::PurgeExpired, OnLoss::Again, run)
            .await?;
        Ok(ran.whatever_was_lost().rows_affected())
    }

    async fn delete_all(&self) -> Result<u64, StoreError> {
        let run = || self.fetch_one(sqlx::query(self.sql().delete_all.clone()));
        let ran = self.run(Operation::DeleteAll, OnLoss::Again, run).await?;
        let count = row::count(&ran.answer).map_err(CODES.fault(Operation::DeleteAll))?;
        ran.with(count).if_done(|deleted| *deleted > 0)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        let run = || self.fetch_one(sqlx::query(self.sql().count.clone()));
        let ran = self.run(Operation::Count, OnLoss::Again, run).await?;
        row::count(&ran.whatever_was_lost()).map_err(CODES.fault(Operation::Count))
    }
}
