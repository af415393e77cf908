use session_core::{Maintain, Operation, StoreError, StoreKey, async_trait};
use sqlx::SqlStr;

use super::{
    MySqlStore, connection::Isolation, row, sql::BATCH, statement::Statement, store::CODES,
};
use crate::again::OnLoss;

#[async_trait]
impl Maintain for MySqlStore {
    /// In two statements for each 500 rows, either after one that has it lock no gaps: one finds those
    /// that nobody has locked, one removes those of them that nobody has renewed since. If the answer to a
    /// removal is lost with the connection, its rows are not counted, and as many more than the limit may be removed.
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let limit = u64::from(limit);
        let (mut purged, mut in_vain) = (0, 0);
        while purged < limit {
            let wanted = (limit - purged).min(BATCH as u64);
            let keys = self.find_expired(wanted).await?;
            let removed = match keys.as_slice() {
                [] => 0,
                keys => self.purge(keys).await?,
            };
            purged += removed;
            // Another purge may have been quicker; or else the clock was set back.
            in_vain = if removed == 0 { in_vain + 1 } else { 0 };
            if (keys.len() as u64) < wanted || in_vain == 3 {
                break;
            }
        }
        Ok(purged)
    }

    /// In two statements that remove, one of them what has expired: it is not there, but takes room.
    /// Before each goes one that sees to it that no record is renamed to where it has been already.
    async fn delete_all(&self) -> Result<u64, StoreError> {
        let remove = |sql: &SqlStr| {
            let statement = Statement::new(sql).not_late();
            self.execute_under(Isolation::RepeatableRead, statement)
        };
        let run = || remove(&self.sql().delete_living);
        let ran = self.run(Operation::DeleteAll, OnLoss::Again, run).await?;
        let living = ran.answer.rows_affected();
        let living = ran.with(living).if_done(|deleted| *deleted > 0)?;
        let run = || remove(&self.sql().delete_rest);
        self.run(Operation::DeleteAll, OnLoss::Again, run).await?;
        Ok(living)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        let run = || self.fetch_all(Statement::new(&self.sql().count));
        let ran = self.run(Operation::Count, OnLoss::Again, run).await?;
        let rows = ran.whatever_was_lost();
        row::count(&rows).map_err(CODES.fault(Operation::Count))
    }
}

impl MySqlStore {
    async fn find_expired(&self, limit: u64) -> Result<Vec<StoreKey>, StoreError> {
        let run = || {
            let query = Statement::new(&self.sql().find_expired).bind(limit);
            self.fetch_all_under(Isolation::ReadCommitted, query)
        };
        let ran = self
            .run(Operation::PurgeExpired, OnLoss::Again, run)
            .await?;
        let rows = ran.whatever_was_lost();
        let keys = rows.iter().map(|row| row::key(row, 0)).collect();
        Result::map_err(keys, CODES.fault(Operation::PurgeExpired))
    }

    /// Removes those of these that have expired; how many.
    async fn purge(&self, keys: &[StoreKey]) -> Result<u64, StoreError> {
        let run = || {
            let mut query = Statement::new(&self.sql().purge_these);
            // Always as many, so that it is prepared once: the first fills up.
            let first = keys.first().into_iter().cycle();
            for key in keys.iter().chain(first).take(BATCH) {
                query = query.bind(key.as_bytes().as_slice());
            }
            self.execute_under(Isolation::ReadCommitted, query)
        };
        let ran = self
            .run(Operation::PurgeExpired, OnLoss::Again, run)
            .await?;
        Ok(ran.whatever_was_lost().rows_affected())
    }
}
