use sqlx::SqlitePool;

use super::SqliteStore;
use crate::table::{TableName, TableNameError};

/// Makes a [`SqliteStore`] over a pool of yours; from [`SqliteStore::builder`].
///
/// The store takes the pool as it is. What makes it quick and patient:
///
/// - [`journal_mode(Wal)`](sqlx::sqlite::SqliteConnectOptions::journal_mode), so that readers and
///   the writer do not wait for each other (not on a network file system);
/// - [`busy_timeout`](sqlx::sqlite::SqliteConnectOptions::busy_timeout) of some seconds, for when
///   another connection writes; the driver's default is 5;
/// - [`synchronous(Normal)`](sqlx::sqlite::SqliteConnectOptions::synchronous) if the last few
///   writes before a power cut may be undone, a logout included; the driver's default is full;
/// - [`test_before_acquire(false)`](sqlx::pool::PoolOptions::test_before_acquire), since a file
///   does not hang up;
/// - a statement cache of 14 or more for this store; the driver's default is 100 in all;
/// - for a database in memory, exactly one connection that is never closed, neither for idling nor
///   for its age: each connection has a database of its own, which goes with it.
///
/// ```
/// use session_core::Maintain;
/// use session_sqlx::{SqliteStore, sqlx::sqlite::SqlitePoolOptions};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let pool = SqlitePoolOptions::new()
///     .max_connections(1)
///     .idle_timeout(None)
///     .max_lifetime(None)
///     .connect("sqlite::memory:")
///     .await?;
/// let store = SqliteStore::builder(pool).table("logins")?.build();
/// store.migrate().await?;
/// assert_eq!(store.count().await?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct SqliteStoreBuilder {
    pool: SqlitePool,
    writer: Option<SqlitePool>,
    table: TableName,
}

impl SqliteStoreBuilder {
    pub(super) fn new(pool: SqlitePool) -> Self {
        Self {
            pool,
            writer: None,
            table: TableName::default(),
        }
    }

    /// The table to use; `sessions` unless said otherwise. SQLite does not tell upper from lower
    /// case in it.
    ///
    /// # Errors
    /// [`TableNameError`] if it is not letters, digits and underscores.
    pub fn table(mut self, name: &str) -> Result<Self, TableNameError> {
        self.table = TableName::new(name)?;
        Ok(self)
    }

    pub(super) fn named(mut self, table: TableName) -> Self {
        self.table = table;
        self
    }

    /// A pool of the same database for what writes, best of one or two connections: SQLite lets
    /// one write at a time, and a queue in the program is fairer than polling the file's lock.
    /// Unless given, writes use the one pool too.
    pub fn writer(mut self, pool: SqlitePool) -> Self {
        self.writer = Some(pool);
        self
    }

    /// The store. Touches nothing: if the table may not be there yet, call
    /// [`migrate`](SqliteStore::migrate) next.
    pub fn build(self) -> SqliteStore {
        let writer = self.writer.unwrap_or_else(|| self.pool.clone());
        SqliteStore::new(self.pool, writer, self.table)
    }
}
