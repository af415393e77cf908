use std::time::Duration;

use session_core::{
    NewRecord, Operation, Precondition, Record, SetOutcome, Store, StoreError, StoreKey, Ttl,
    Version, async_trait,
};
use sqlx::{SqlStr, mysql::MySqlQueryResult};

use super::{
    MySqlStore, row,
    sql::{CONFLICT, STORED},
    statement::Statement,
    store::CODES,
};
use crate::again::{OnLoss, RENAMES, Ran};

#[async_trait]
impl Store for MySqlStore {
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
        self.fits(Operation::Set, record).await?;
        let new = Version::unique();
        match when {
            Precondition::Any => {
                let run = || {
                    let query = inserting(&self.sql().set_any, key, record, ttl, new);
                    self.execute(query.not_late())
                };
                // A second time could replace what others have written since the first.
                self.run(Operation::Set, OnLoss::Fail, run).await?;
                Ok(SetOutcome::Stored(new))
            }
            Precondition::Absent => {
                let run = || {
                    let query = inserting(&self.sql().set_absent, key, record, ttl, new);
                    self.execute(query.not_late())
                };
                let ran = self.run(Operation::Set, OnLoss::Again, run).await?;
                let answer = match ran.answer.last_insert_id() {
                    CONFLICT => SetOutcome::Conflict,
                    _ => SetOutcome::Stored(new),
                };
                self.settle(Operation::Set, key, new, ran.with(answer))
                    .await
            }
            Precondition::Version(old) => {
                let run = || {
                    let query = Statement::new(&self.sql().set_version);
                    self.execute(swapping(query, old, record, ttl, new, key))
                };
                let ran = self.run(Operation::Set, OnLoss::Again, run).await?;
                let answer = outcome(&ran.answer, new);
                self.settle(Operation::Set, key, new, ran.with(answer))
                    .await
            }
        }
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let run = || self.execute(keyed(&self.sql().delete, key).not_late());
        let ran = self.run(Operation::Delete, OnLoss::Again, run).await?;
        let deleted = ran.answer.rows_affected() > 0;
        ran.with(deleted).if_done(|deleted| *deleted)
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
        let run = || {
            let query = Statement::new(&self.sql().expire).bind(ttl.as_millis_i64());
            self.execute(query.bind(bytes(key)).not_late())
        };
        let ran = self.run(Operation::Expire, OnLoss::Again, run).await?;
        // The driver has the server count the rows that it found, changed or not.
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
        self.fits(Operation::Rename, record).await?;
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
                let query = Statement::new(&self.sql().rename)
                    .bind(version.as_i64())
                    .bind(bytes(to))
                    .bind(version.as_i64())
                    .bind(created_at(record));
                let query = swapping(query, version, record, ttl, new, from);
                match self.execute(query).await {
                    Ok(done) => Ok(Ok(outcome(&done, new))),
                    Err(failure) if failure.is_unique_violation() => Ok(Err(failure.error)),
                    Err(failure) => Err(failure),
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

impl MySqlStore {
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

/// What the insert ID of `set_version` and `rename` says.
fn outcome(done: &MySqlQueryResult, new: Version) -> SetOutcome {
    match done.last_insert_id() {
        STORED => SetOutcome::Stored(new),
        CONFLICT => SetOutcome::Conflict,
        _ => SetOutcome::Missing,
    }
}

fn bytes(key: &StoreKey) -> &[u8] {
    key.as_bytes().as_slice()
}

fn keyed(sql: &SqlStr, key: &StoreKey) -> Statement {
    Statement::new(sql).bind(bytes(key))
}

/// Binds what an insert has.
fn inserting(
    sql: &SqlStr,
    key: &StoreKey,
    record: &NewRecord<'_>,
    ttl: Ttl,
    new: Version,
) -> Statement {
    keyed(sql, key)
        .bind(record.owner.map(str::as_bytes))
        .bind(record.data)
        .bind(ttl.as_millis_i64())
        .bind(created_at(record))
        .bind(new.as_i64())
}

/// Binds what a compare and swap has.
fn swapping(
    query: Statement,
    old: Version,
    record: &NewRecord<'_>,
    ttl: Ttl,
    new: Version,
    key: &StoreKey,
) -> Statement {
    let old = old.as_i64();
    query
        .bind(old)
        .bind(record.owner.map(str::as_bytes))
        .bind(old)
        .bind(record.data)
        .bind(old)
        .bind(ttl.as_millis_i64())
        .bind(old)
        .bind(old)
        .bind(new.as_i64())
        .bind(bytes(key))
}

fn created_at(record: &NewRecord<'_>) -> Option<i64> {
    record.created_at.map(|at| at.as_unix_millis())
}
