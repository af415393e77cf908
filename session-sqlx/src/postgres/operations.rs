use std::time::Duration;

use session_core::{
    NewRecord, Operation, Precondition, Record, SetOutcome, Store, StoreError, StoreKey, Ttl,
    Version, async_trait,
};
use sqlx::{Postgres, SqlStr, postgres::PgArguments, query::Query};

use super::{PostgresStore, row, store::CODES};
use crate::again::{OnLoss, RENAMES, Ran};

/// A statement with its values.
type Statement<'q> = Query<'q, Postgres, PgArguments>;

#[async_trait]
impl Store for PostgresStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        let run = || self.fetch_optional(keyed(&self.sql().get, key));
        let ran = self.run(Operation::Get, OnLoss::Again, run).await?;
        let row = ran.whatever_was_lost();
        let record = row.as_ref().map(row::record).transpose();
        record.map_err(CODES.fault(Operation::Get))
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, StoreError> {
        let new = Version::unique();
        match when {
            Precondition::Any => {
                let run = || {
                    let query = writing(&self.sql().set_any, key, record, ttl, new);
                    self.execute(query.bind(created_at(record)))
                };
                // A second time could replace what others have written since the first.
                self.run(Operation::Set, OnLoss::Fail, run).await?;
                Ok(SetOutcome::Stored(new))
            }
            Precondition::Absent => {
                let run = || {
                    let query = writing(&self.sql().set_absent, key, record, ttl, new);
                    self.execute(query.bind(created_at(record)))
                };
                let ran = self.run(Operation::Set, OnLoss::Again, run).await?;
                let answer = match ran.answer.rows_affected() {
                    0 => SetOutcome::Conflict,
                    _ => SetOutcome::Stored(new),
                };
                self.settle(Operation::Set, key, new, ran.with(answer))
                    .await
            }
            Precondition::Version(old) => {
                let run = || {
                    let query = writing(&self.sql().set_version, key, record, ttl, new);
                    self.fetch_optional(query.bind(old.as_i64()))
                };
                let ran = self.run(Operation::Set, OnLoss::Again, run).await?;
                let answer = row::outcome(ran.answer.as_ref(), new);
                let answer = answer.map_err(CODES.fault(Operation::Set))?;
                self.settle(Operation::Set, key, new, ran.with(answer))
                    .await
            }
        }
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let run = || self.fetch_optional(keyed(&self.sql().delete, key));
        let ran = self.run(Operation::Delete, OnLoss::Again, run).await?;
        let deleted = ran.answer.as_ref().map(row::was_living).transpose();
        let deleted = deleted.map_err(CODES.fault(Operation::Delete))?;
        ran.with(deleted.unwrap_or(false))
            .if_done(|deleted| *deleted)
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
        let run = || {
            let query = keyed(&self.sql().expire, key).bind(ttl.as_millis_i64());
            self.execute(query)
        };
        let ran = self.run(Operation::Expire, OnLoss::Again, run).await?;
        Ok(ran.whatever_was_lost().rows_affected() > 0)
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, StoreError> {
        if from == to {
            return Ok(if self.exists(from).await? {
                SetOutcome::Conflict
            } else {
                SetOutcome::Missing
            });
        }
        let new = Version::unique();
        let (mut loss, mut refusal) = (None, None);
        for _ in 0..RENAMES {
            let run = || async move {
                let query = writing(&self.sql().rename, from, record, ttl, new)
                    .bind(version.as_i64())
                    .bind(to.as_bytes().as_slice())
                    .bind(created_at(record));
                match self.fetch_optional(query).await {
                    Ok(row) => row::outcome(row.as_ref(), new).map(Ok),
                    Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                        Ok(Err(sqlx::Error::Database(error)))
                    }
                    Err(error) => Err(error),
                }
            };
            let ran = self.run(Operation::Rename, OnLoss::Again, run).await?;
            loss = loss.or(ran.loss);
            let error = match ran.answer {
                Ok(answer) => {
                    let ran = Ran { answer, loss };
                    return self.settle(Operation::Rename, to, new, ran).await;
                }
                Err(error) => error,
            };
            // A row had the new key. One that has expired is not there, and may be gone by now.
            let has_expired = self.delete_expired(to).await?;
            if !has_expired && self.exists(to).await? {
                refusal = None;
                break;
            }
            refusal = (!has_expired).then_some(error);
        }
        // If none has it, the row is a duplicate by some other column, of the application's own.
        if let Some(error) = refusal {
            return Err(CODES.fault(Operation::Rename)(error));
        }
        let answer = SetOutcome::Conflict;
        let ran = Ran { answer, loss };
        self.settle(Operation::Rename, to, new, ran).await
    }

    async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let run = || self.fetch_optional(keyed(&self.sql().exists, key));
        let ran = self.run(Operation::Exists, OnLoss::Again, run).await?;
        Ok(ran.whatever_was_lost().is_some())
    }

    async fn ttl(&self, key: &StoreKey) -> Result<Option<Duration>, StoreError> {
        let run = || self.fetch_optional(keyed(&self.sql().ttl, key));
        let ran = self.run(Operation::Ttl, OnLoss::Again, run).await?;
        let row = ran.whatever_was_lost();
        let left = row.as_ref().map(row::time_left).transpose();
        left.map_err(CODES.fault(Operation::Ttl))
    }
}

impl PostgresStore {
    /// What a conditional write answers. If the connection was lost before, a refusal may be owed to
    /// its own first run: the record tells, by the version that only this write can have given it.
    async fn settle(
        &self,
        operation: Operation,
        key: &StoreKey,
        new: Version,
        ran: Ran<SetOutcome>,
    ) -> Result<SetOutcome, StoreError> {
        let Some(loss) = ran.loss else {
            return Ok(ran.answer);
        };
        if let SetOutcome::Stored(_) = ran.answer {
            return Ok(ran.answer);
        }
        let run = || self.fetch_optional(keyed(&self.sql().version, key));
        let row = self.run(operation, OnLoss::Again, run).await?;
        let found = row.whatever_was_lost().as_ref().map(row::version);
        match found.transpose().map_err(CODES.fault(operation))? {
            Some(version) if version == new => Ok(SetOutcome::Stored(new)),
            // Written and then overwritten, moved or deleted, or never written: nobody knows.
            _ => Err(loss),
        }
    }

    /// Removes the row of this key if it has expired; whether it had.
    async fn delete_expired(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let run = || self.execute(keyed(&self.sql().delete_expired, key));
        let ran = self.run(Operation::Rename, OnLoss::Again, run).await?;
        Ok(ran.whatever_was_lost().rows_affected() > 0)
    }
}

/// Binds `$1`.
fn keyed<'q>(sql: &SqlStr, key: &'q StoreKey) -> Statement<'q> {
    sqlx::query(sql.clone()).bind(key.as_bytes().as_slice())
}

/// Binds `$1` to `$5`, which every write of a record has.
fn writing<'q>(
    sql: &SqlStr,
    key: &'q StoreKey,
    record: &NewRecord<'q>,
    ttl: Ttl,
    version: Version,
) -> Statement<'q> {
    keyed(sql, key)
        .bind(record.owner)
        .bind(record.data)
        .bind(ttl.as_millis_i64())
        .bind(version.as_i64())
}

fn created_at(record: &NewRecord<'_>) -> Option<i64> {
    record.created_at.map(|at| at.as_unix_millis())
}
