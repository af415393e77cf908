use futures_util::TryStreamExt as _;
use session_core::{Operation, SetOutcome, StoreError, Version};
use sqlx::{
    Sqlite,
    error::ErrorKind,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{SqliteStore, code::fault, row};

/// A statement with its values.
pub(super) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// The ways to run one.
///
/// Whatever returns rows and writes is read up to the end, never as one row: a commit that failed
/// shows only there.
impl SqliteStore {
    /// The one row that a statement reads, if there is one, made into what `read` makes of it.
    pub(super) async fn read_one<T>(
        &self,
        operation: Operation,
        statement: Statement<'_>,
        read: fn(&SqliteRow) -> Result<T, sqlx::Error>,
    ) -> Result<Option<T>, StoreError> {
        let row = statement.fetch_optional(self.reader()).await;
        row.and_then(|row| row.as_ref().map(read).transpose())
            .map_err(fault(operation))
    }

    /// The number of rows that a statement changed.
    pub(super) async fn write(
        &self,
        operation: Operation,
        statement: Statement<'_>,
    ) -> Result<u64, StoreError> {
        let done = statement.execute(self.writer()).await;
        done.map(|done| done.rows_affected())
            .map_err(fault(operation))
    }

    /// Runs a conditional write. A row whose version is another one fails by its NOT NULL, so
    /// that `none` is left to mean what it means for this statement when no row was changed.
    pub(super) async fn write_if(
        &self,
        operation: Operation,
        statement: Statement<'_>,
        version: Version,
        none: SetOutcome,
    ) -> Result<SetOutcome, StoreError> {
        match statement.execute(self.writer()).await {
            Ok(done) if done.rows_affected() == 0 => Ok(none),
            Ok(_) => Ok(SetOutcome::Stored(version)),
            Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::NotNullViolation => {
                Ok(SetOutcome::Conflict)
            }
            Err(error) => Err(fault(operation)(error)),
        }
    }

    /// Removes rows, and counts those of them that were living. SQLite has removed all of them
    /// before it returns the first.
    pub(super) async fn remove(
        &self,
        operation: Operation,
        statement: Statement<'_>,
    ) -> Result<u64, StoreError> {
        statement
            .fetch(self.writer())
            .try_fold(0, async |living, row| {
                Ok(living + u64::from(row::was_living(&row)?))
            })
            .await
            .map_err(fault(operation))
    }
}
