use sqlx::PgPool;

use super::PostgresStore;
use crate::table::{TableName, TableNameError};

/// Makes a [`PostgresStore`] over a pool of yours; from [`PostgresStore::builder`].
///
/// The store takes the pool as it is. What makes it quick and patient:
///
/// - [`test_before_acquire(false)`](sqlx::pool::PoolOptions::test_before_acquire): sqlx would ask the
///   server whether a connection is alive before each statement, a round trip that each request
///   waits for. The store runs what it safely can again on another connection if one turns out to
///   be dead;
/// - [`acquire_timeout`](sqlx::pool::PoolOptions::acquire_timeout) below the store timeout of the
///   sessions (2 s unless said otherwise), so that an outage is told from a slow server;
/// - a statement cache of 16 or more for this store; the driver's default is 100 in all. Behind
///   PgBouncer in its transaction mode, 0, or a PgBouncer that knows prepared statements.
///
/// ```no_run
/// // Not run: it needs a server.
/// use session_sqlx::{PostgresStore, sqlx::postgres::PgPoolOptions};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let pool = PgPoolOptions::new()
///     .test_before_acquire(false)
///     .connect("postgres://app@db.example/app")
///     .await?;
/// let store = PostgresStore::builder(pool).table("logins")?.build();
/// store.migrate().await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct PostgresStoreBuilder {
    pool: PgPool,
    table: TableName,
}

impl PostgresStoreBuilder {
    pub(super) fn new(pool: PgPool) -> Self {
        Self {
            pool,
            table: TableName::default(),
        }
    }

    /// The table to use, found by the connection's search path; `sessions` unless said otherwise.
    /// Upper and lower case are told apart.
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
    /// [`migrate`](PostgresStore::migrate) next.
    pub fn build(self) -> PostgresStore {
        PostgresStore::new(self.pool, &self.table)
    }
}
