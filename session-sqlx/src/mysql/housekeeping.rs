use std::{fmt::Write as _, sync::Arc};

use session_core::{Maintain, Operation, StoreError, StoreKey, async_trait};
use sqlx::AssertSqlSafe;

use super::{MySqlStore, row, sql::SKIP_LOCKED, store::CODES};
use crate::again::OnLoss;

/// How many rows one statement removes at most, so that none holds its locks for long.
const BATCH: u64 = 500;

#[async_trait]
impl Maintain for MySqlStore {
    /// In two statements for each 500 rows, both `READ COMMITTED`: one finds those that nobody has
    /// locked, one removes those of them that nobody has renewed since.
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let limit = u64::from(limit);
        let (mut purged, mut in_vain) = (0, 0);
        while purged < limit {
            let wanted = (limit - purged).min(BATCH);
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

    async fn delete_all(&self) -> Result<u64, StoreError> {
        let run = || sqlx::query(self.sql().delete_living.clone()).execute(self.pool());
        let ran = self.run(Operation::DeleteAll, OnLoss::Again, run).await?;
        let living = ran.answer.rows_affected();
        let living = ran.with(living).if_done(|deleted| *deleted > 0)?;
        // What has expired is not there, but takes room.
        let run = || sqlx::query(self.sql().delete_rest.clone()).execute(self.pool());
        self.run(Operation::DeleteAll, OnLoss::Again, run).await?;
        Ok(living)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        let run = || sqlx::query(self.sql().count.clone()).fetch_one(self.pool());
        let ran = self.run(Operation::Count, OnLoss::Again, run).await?;
        row::count(&ran.whatever_was_lost()).map_err(CODES.fault(Operation::Count))
    }
}

impl MySqlStore {
    async fn find_expired(&self, limit: u64) -> Result<Vec<StoreKey>, StoreError> {
        let sql = format!("{}{limit}{SKIP_LOCKED}", self.sql().find_expired);
        let sql = Arc::<str>::from(sql);
        let run = || sqlx::raw_sql(AssertSqlSafe(Arc::clone(&sql))).fetch_all(self.pool());
        let ran = self
            .run(Operation::PurgeExpired, OnLoss::Again, run)
            .await?;
        let rows = ran.whatever_was_lost();
        let keys = rows.iter().map(|row| row::key(row, 0)).collect();
        Result::map_err(keys, CODES.fault(Operation::PurgeExpired))
    }

    /// Removes those of these that have expired; how many.
    async fn purge(&self, keys: &[StoreKey]) -> Result<u64, StoreError> {
        // The number of keys differs each time, so there is nothing to prepare.
        let mut sql = self.sql().purge_these.clone();
        for (index, key) in keys.iter().enumerate() {
            sql.push_str(if index == 0 { "X'" } else { ",X'" });
            for byte in key.as_bytes() {
                // A string takes everything.
                let _ = write!(sql, "{byte:02x}");
            }
            sql.push('\'');
        }
        sql.push(')');
        let sql = Arc::<str>::from(sql);
        let run = || sqlx::raw_sql(AssertSqlSafe(Arc::clone(&sql))).execute(self.pool());
        let ran = self
            .run(Operation::PurgeExpired, OnLoss::Again, run)
            .await?;
        Ok(ran.whatever_was_lost().rows_affected())
    }
}
