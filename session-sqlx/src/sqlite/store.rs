use std::{fmt, path::Path, sync::Arc};

use session_core::{Operation, StoreError};
use sqlx::{AssertSqlSafe, SqlitePool};

use super::{SqliteOptions, SqliteStoreBuilder, code::fault, migrations, sql::Sql};
use crate::{
    migration::Migration,
    table::{TableName, TableNameError},
};

/// Keeps sessions in one table of a SQLite database: in a file that several processes of one
/// machine may share, or in memory. A cheap handle: clones share the connections.
///
/// - Implements [`Store`](session_core::Store), [`Maintain`](session_core::Maintain) and
///   [`OwnerIndex`](session_core::OwnerIndex), each operation as one statement. Those that name a
///   key or an owner go by an index; `count` goes through that of all that lives, and `delete_all` walks the table.
/// - The clock is that of the machine that SQLite runs on. `updated_at` tells when the data was
///   last written; a renewal by `expire` does not move it.
/// - A record may be as large as SQLite allows, 1 GB unless it was built otherwise; a larger one is
///   `TooLarge`.
/// - SQLite writes one transaction at a time. A write that does not get the lock within the busy
///   timeout is `Unavailable` and has not happened; one that gets no connection is a `Timeout`.
/// - The file keeps the room of rows that were removed and uses it again; `VACUUM` gives it back.
///   SQLite overwrites removed rows with zeros only under `PRAGMA secure_delete`.
/// - Needs SQLite 3.42; the one that is compiled in is newer. Futures need a tokio runtime.
///
/// ```
/// use session_core::{NewRecord, OwnerIndex, Precondition, SetOutcome, Store, StoreKey, Ttl};
/// use session_sqlx::SqliteStore;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("sessions.db");
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let store = SqliteStore::open(path).await?;
///
/// let key = StoreKey::digest(b"the bytes of a session's ID");
/// let record = NewRecord::new(b"any bytes").owner(Some("alice"));
/// let ttl = Ttl::from_secs(1800)?;
/// let SetOutcome::Stored(version) = store.set(&key, &record, ttl, Precondition::Absent).await? else {
///     unreachable!("the key is new");
/// };
///
/// let swap = Precondition::Version(version);
/// assert!(matches!(store.set(&key, &record, ttl, swap).await?, SetOutcome::Stored(_)));
/// assert_eq!(store.set(&key, &record, ttl, swap).await?, SetOutcome::Conflict);
///
/// assert_eq!(store.delete_owner("alice", None).await?, 1);
/// # store.close().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    reader: SqlitePool,
    writer: SqlitePool,
    shared: Arc<Shared>,
}

struct Shared {
    table: TableName,
    sql: Sql,
}

impl SqliteStore {
    /// Opens the file at this path, and makes the file and its table `sessions` if they are not
    /// there; [`SqliteOptions`] says how, and can be told otherwise.
    ///
    /// # Errors
    /// `Unavailable` if the file cannot be opened, made or locked; `Corrupt` if it is no database.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        SqliteOptions::file(path).open().await
    }

    /// Opens a database in memory, for tests and for sessions that may end with the program.
    ///
    /// # Errors
    /// `Unavailable` if there is no memory or no thread to be had.
    pub async fn open_in_memory() -> Result<Self, StoreError> {
        SqliteOptions::in_memory().open().await
    }

    /// Uses the table `sessions` through this pool. If it may not be there yet, call
    /// [`migrate`](Self::migrate) next.
    pub fn from_pool(pool: SqlitePool) -> Self {
        Self::builder(pool).build()
    }

    /// Uses this pool, with a table of another name or a pool of its own for writing.
    pub fn builder(pool: SqlitePool) -> SqliteStoreBuilder {
        SqliteStoreBuilder::new(pool)
    }

    /// The SQL that makes this store's table, for a migration tool of your own.
    ///
    /// # Errors
    /// [`TableNameError`] if the name is not letters, digits and underscores.
    pub fn migrations(table: &str) -> Result<Vec<Migration>, TableNameError> {
        Ok(migrations::of(&TableName::new(table)?))
    }

    /// Runs the migrations. What is there already stays as it is, so any number of processes may
    /// do this at once, at each start.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout` or `Other`.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        for migration in migrations::of(&self.shared.table) {
            sqlx::raw_sql(AssertSqlSafe(migration.sql))
                .execute(&self.writer)
                .await
                .map_err(fault(Operation::Open))?;
        }
        Ok(())
    }

    /// Closes the connections, for all clones and for everyone else who uses the same pool, once
    /// the operations under way have ended. Without it they close when the last clone is dropped,
    /// a moment later. Operations are `Unavailable` from then on.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    pub(super) fn new(reader: SqlitePool, writer: SqlitePool, table: TableName) -> Self {
        let sql = Sql::new(&table);
        Self {
            reader,
            writer,
            shared: Arc::new(Shared { table, sql }),
        }
    }

    pub(super) fn sql(&self) -> &Sql {
        &self.shared.sql
    }

    pub(super) fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    pub(super) fn writer(&self) -> &SqlitePool {
        &self.writer
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("table", &self.shared.table)
            .finish_non_exhaustive()
    }
}
