use std::{fmt, sync::Arc};

use session_core::{Operation, StoreError};
use sqlx::{AssertSqlSafe, PgPool};

use super::{PostgresOptions, PostgresStoreBuilder, code, migrations, sql::Sql};
use crate::{
    again::{Codes, Failure, OnLoss, Ran},
    migration::Migration,
    table::{TableName, TableNameError},
};

pub(super) const CODES: Codes = Codes {
    kind: code::kind,
    trouble: code::trouble,
};

/// Keeps sessions in one table of a PostgreSQL database. A cheap handle: clones share the
/// connections.
///
/// - Implements [`Store`](session_core::Store), [`Maintain`](session_core::Maintain) and
///   [`OwnerIndex`](session_core::OwnerIndex), each operation as one statement. Those that name a key
///   or an owner go by an index; `count` goes through that of all that lives, and `delete_all` walks the table.
/// - The server's clock decides, under any time zone and any isolation level. `updated_at` tells when
///   the data was last written; a renewal by `expire` does not move it.
/// - A record may be as large as PostgreSQL allows, 1 GB; a larger one is `TooLarge`. An owner with a
///   NUL in it is an error, since `text` holds none.
/// - A statement that the server rolls back because it met another one, or that finds its connection
///   dead, runs again where that is safe. Where nobody can know whether a write happened, the error
///   says `Unavailable`.
/// - The write-ahead log is the server's to flush: with `synchronous_commit` off, a crash of the server
///   may undo the last few writes, a logout included.
/// - Needs PostgreSQL 12 or later (tested with 15). Futures need a tokio runtime.
///
/// ```no_run
/// // Not run: it needs a server.
/// use session_core::{NewRecord, OwnerIndex, Precondition, SetOutcome, Store, StoreKey, Ttl};
/// use session_sqlx::PostgresStore;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let store = PostgresStore::open("postgres://app@db.example/app").await?;
///
/// let key = StoreKey::digest(b"the bytes of a session's ID");
/// let record = NewRecord::new(b"any bytes").owner(Some("alice"));
/// let ttl = Ttl::from_secs(1800)?;
/// let stored = store.set(&key, &record, ttl, Precondition::Absent).await?;
/// assert!(matches!(stored, SetOutcome::Stored(_)));
/// assert_eq!(store.delete_owner("alice", None).await?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    shared: Arc<Shared>,
}

struct Shared {
    table: TableName,
    sql: Sql,
}

impl PostgresStore {
    /// Opens the database at this URL, and makes the table `sessions` if it is not there;
    /// [`PostgresOptions`] says how, and can be told otherwise.
    ///
    /// # Errors
    /// `Unavailable` or `Timeout` if the server cannot be reached or has not made the table in time; `Other`
    /// if this is no URL for it, the database is not there, the server refuses to make the table, or a table of
    /// another kind is there.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        PostgresOptions::url(url)?.open().await
    }

    /// Uses the table `sessions` through this pool. If it may not be there yet, call
    /// [`migrate`](Self::migrate) next. What the pool should be set to, the
    /// [builder](PostgresStoreBuilder) says.
    pub fn from_pool(pool: PgPool) -> Self {
        Self::builder(pool).build()
    }

    /// Uses this pool, with a table of another name.
    pub fn builder(pool: PgPool) -> PostgresStoreBuilder {
        PostgresStoreBuilder::new(pool)
    }

    /// The SQL that makes this store's table, for a migration tool of your own.
    ///
    /// # Errors
    /// [`TableNameError`] if the name is not letters, digits and underscores.
    pub fn migrations(table: &str) -> Result<Vec<Migration>, TableNameError> {
        Ok(migrations::of(&TableName::new(table)?))
    }

    /// Runs the migrations, unless all that they make is there: then this only looks. What is there already
    /// stays as it is, and who runs them at the same time waits, so any number of processes may do this at
    /// once, at each start.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout` or `Other`; the latter too if a table of this name is there that the migrations
    /// would have made otherwise.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        if self.is_migrated().await? {
            return Ok(());
        }
        for migration in migrations::of(&self.shared.table) {
            // One message is one transaction. `IF NOT EXISTS` alone would fail two at once.
            let lock = "SELECT pg_advisory_xact_lock(hashtext('session-sqlx'));";
            let sql = Arc::<str>::from(format!("{lock}\n{}", migration.sql));
            let run = || self.execute_text(AssertSqlSafe(Arc::clone(&sql)));
            self.run(Operation::Open, OnLoss::Again, run).await?;
        }
        self.check_migrated().await
    }

    /// Closes the connections, for all clones and for everyone else who uses the same pool, once
    /// the operations under way have ended. Operations are `Unavailable` from then on. Waits for up to 15
    /// minutes for what was given up while a lock was waited for, so give it a time limit.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(super) fn new(pool: PgPool, table: &TableName) -> Self {
        let (table, sql) = (table.clone(), Sql::new(table));
        Self {
            pool,
            shared: Arc::new(Shared { table, sql }),
        }
    }

    /// Runs a statement of this store, again if it has to be.
    pub(super) async fn run<T, E: Into<Failure>, F: Future<Output = Result<T, E>>>(
        &self,
        operation: Operation,
        on_loss: OnLoss,
        statement: impl Fn() -> F,
    ) -> Result<Ran<T>, StoreError> {
        CODES.run(&self.pool, operation, on_loss, statement).await
    }

    pub(super) fn table(&self) -> &TableName {
        &self.shared.table
    }

    pub(super) fn sql(&self) -> &Sql {
        &self.shared.sql
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("table", &self.shared.table)
            .finish_non_exhaustive()
    }
}
