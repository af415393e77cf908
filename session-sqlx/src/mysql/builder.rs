use sqlx::MySqlPool;

use super::MySqlStore;
use crate::table::{TableName, TableNameError};

/// Makes a [`MySqlStore`] over a pool of yours; from [`MySqlStore::builder`].
///
/// The store takes the pool as it is. What makes it quick and patient:
///
/// - [`test_before_acquire(false)`](sqlx::pool::PoolOptions::test_before_acquire): sqlx would ask the
///   server whether a connection is alive before each statement, a round trip that each request
///   waits for. The store runs what it safely can again on another connection if one turns out to
///   be dead;
/// - [`acquire_timeout`](sqlx::pool::PoolOptions::acquire_timeout) below the store timeout of the
///   sessions (2 s unless said otherwise), so that an outage is told from a slow server;
/// - a statement cache of 18 or more for this store; the driver's default is 100 in all. With fewer than
///   the statements in use, about a dozen, an operation takes some 44 ms longer, also on loopback: closing a
///   statement has no answer, so Nagle's algorithm meets a delayed acknowledgement. With none, also a
///   `set` with `Absent` or `Any`, an `expire` or a removal that is given up closes its connection while the
///   server may be at it, as many in a minute as the pool has connections; beyond that it may still happen later,
///   though it was not begun;
/// - `max_allowed_packet` of the server above the largest session, which is 16 MiB or more by default.
///
/// ```no_run
/// // Not run: it needs a server.
/// use session_sqlx::{MySqlStore, sqlx::mysql::MySqlPoolOptions};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let pool = MySqlPoolOptions::new()
///     .test_before_acquire(false)
///     .connect("mysql://app@db.example/app")
///     .await?;
/// let store = MySqlStore::builder(pool).table("logins")?.build();
/// store.migrate().await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct MySqlStoreBuilder {
    pool: MySqlPool,
    table: TableName,
}

impl MySqlStoreBuilder {
    pub(super) fn new(pool: MySqlPool) -> Self {
        Self {
            pool,
            table: TableName::default(),
        }
    }

    /// The table to use, in the connection's database; `sessions` unless said otherwise. Whether upper
    /// and lower case are told apart depends on the server's file system.
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

    /// The store. Touches nothing: if the table may not be there yet, call
    /// [`migrate`](MySqlStore::migrate) next.
    pub fn build(self) -> MySqlStore {
        MySqlStore::new(self.pool, &self.table)
    }
}
