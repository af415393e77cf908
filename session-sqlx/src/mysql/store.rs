use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use session_core::{Operation, StoreError};
use sqlx::{AssertSqlSafe, MySqlPool};
use tokio::sync::Semaphore;

use super::{MySqlOptions, MySqlStoreBuilder, code, migrations, sql::Sql, statement::Statement};
use crate::{
    again::{Codes, Failure, OnLoss, Ran},
    migration::Migration,
    table::{TableName, TableNameError},
};

pub(super) const CODES: Codes = Codes {
    kind: code::kind,
    trouble: code::trouble,
};

/// Keeps sessions in one table of a MySQL or MariaDB database. A cheap handle: clones share the
/// connections.
///
/// - Implements [`Store`](session_core::Store), [`Maintain`](session_core::Maintain) and
///   [`OwnerIndex`](session_core::OwnerIndex). Every operation of `Store` is one statement, and so are
///   `count` and `list`. `delete_owner` is two, `delete_all` and each 500 rows of `purge_expired` are
///   four: half of them have the next one lock what it must, whatever the session is set to. Those that
///   name a key or an owner go by an index; `count` goes through that of all that lives, and `delete_all`
///   walks the table.
/// - The server's clock decides, under any time zone, SQL mode and isolation level. `updated_at` tells
///   when the data was last written; a renewal by `expire` does not move it.
/// - A record may be as large as the server's `max_allowed_packet` less half a kilobyte, at most 4 GiB; a
///   larger one is `TooLarge`. So is an owner of more than 1024 bytes.
/// - A statement that the server rolls back because it met another one, or that finds its connection
///   dead, runs again where that is safe. Where nobody can know whether a write happened, the error
///   says `Unavailable`.
/// - With `innodb_flush_log_at_trx_commit` other than 1, a crash of the server's machine may undo the
///   last second's writes, a logout included. Replicate with `binlog_format` `ROW` or `MIXED`: the statements
///   read the clock.
/// - Needs MySQL 8 or MariaDB 10.6, or later (tested with MariaDB 10.11). Futures need a tokio runtime.
///
/// ```no_run
/// // Not run: it needs a server.
/// use session_core::{NewRecord, OwnerIndex, Precondition, SetOutcome, Store, StoreKey, Ttl};
/// use session_sqlx::MySqlStore;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let store = MySqlStore::open("mysql://app@db.example/app").await?;
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
pub struct MySqlStore {
    pool: MySqlPool,
    shared: Arc<Shared>,
}

struct Shared {
    table: TableName,
    sql: Sql,
    /// The server's `max_allowed_packet`, once it is known.
    packet: OnceLock<u64>,
    /// Whether the driver keeps what it has prepared, once something was.
    keeps_prepared: OnceLock<bool>,
    /// How many more connections may be closed while the server is at their statements.
    closable: Arc<Semaphore>,
}

impl MySqlStore {
    /// Opens the database at this URL, and makes the table `sessions` if it is not there;
    /// [`MySqlOptions`] says how, and can be told otherwise.
    ///
    /// # Errors
    /// `Unavailable` or `Timeout` if the server cannot be reached or has not made the table in time; `Other`
    /// if this is no URL for it, the database is not there, the server refuses to make the table, or a table of
    /// another kind is there.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        MySqlOptions::url(url)?.open().await
    }

    /// Uses the table `sessions` through this pool. If it may not be there yet, call
    /// [`migrate`](Self::migrate) next. What the pool should be set to, the
    /// [builder](MySqlStoreBuilder) says.
    pub fn from_pool(pool: MySqlPool) -> Self {
        Self::builder(pool).build()
    }

    /// Uses this pool, with a table of another name.
    pub fn builder(pool: MySqlPool) -> MySqlStoreBuilder {
        MySqlStoreBuilder::new(pool)
    }

    /// The SQL that makes this store's table, for a migration tool of your own.
    ///
    /// # Errors
    /// [`TableNameError`] if the name is not letters, digits and underscores.
    pub fn migrations(table: &str) -> Result<Vec<Migration>, TableNameError> {
        Ok(migrations::of(&TableName::new(table)?))
    }

    /// Runs the migrations, unless all that they make is there: then this only looks. What is there already
    /// stays as it is, so any number of processes may do this at once, at each start.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout` or `Other`; the latter too if a table of this name is there that the migrations
    /// would have made otherwise.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        if self.is_migrated().await? {
            return Ok(());
        }
        for migration in migrations::of(&self.shared.table) {
            let sql = Arc::<str>::from(migration.sql);
            let run = || self.execute(Statement::text(AssertSqlSafe(Arc::clone(&sql))));
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

    pub(super) fn new(pool: MySqlPool, table: &TableName) -> Self {
        let connections = pool.options().get_max_connections();
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        let shared = Shared {
            table: table.clone(),
            sql: Sql::new(table),
            packet: OnceLock::new(),
            keeps_prepared: OnceLock::new(),
            closable: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
        };
        Self {
            pool,
            shared: Arc::new(shared),
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

    pub(super) fn packet(&self) -> Option<u64> {
        self.shared.packet.get().copied()
    }

    pub(super) fn learn_packet(&self, packet: u64) {
        // Whoever asks at the same time hears the same.
        self.shared.packet.get_or_init(|| packet);
    }

    /// Whether the pool's connections have a statement cache.
    pub(super) fn keeps_prepared(&self) -> Option<bool> {
        self.shared.keeps_prepared.get().copied()
    }

    pub(super) fn learn_keeps_prepared(&self, keeps: bool) {
        self.shared.keeps_prepared.get_or_init(|| keeps);
    }

    pub(super) fn closable(&self) -> &Arc<Semaphore> {
        &self.shared.closable
    }

    pub(super) fn sql(&self) -> &Sql {
        &self.shared.sql
    }

    pub(super) fn pool(&self) -> &MySqlPool {
        &self.pool
    }
}

impl fmt::Debug for MySqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MySqlStore")
            .field("table", &self.shared.table)
            .finish_non_exhaustive()
    }
}
