use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use session_core::{Operation, StoreError};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    SqliteStore,
    code::{fault, is_busy},
};
use crate::table::{TableName, TableNameError};

/// SQLite lets one write at a time: the second gets ready while the answer of the first is on its
/// way. More would only get into each other's way and wait by polling.
const WRITERS: u32 = 2;

/// How a [`SqliteStore`] opens a database of its own.
///
/// A file is opened with a write-ahead log, `synchronous=NORMAL`, two connections that write and a
/// few that read. That is quick and never corrupts the file; a power cut (not a crash of the
/// program) may undo the last few writes, a logout included. Where that must not be, make a pool
/// with `synchronous=FULL` and use [`SqliteStore::builder`]. A write-ahead log needs shared
/// memory, so the file cannot be on a network file system.
///
/// ```
/// use std::time::Duration;
/// use session_sqlx::SqliteOptions;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("sessions.db");
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let store = SqliteOptions::file(path)
///     .table("logins")?
///     .busy_timeout(Duration::from_secs(2))
///     .open()
///     .await?;
/// # store.close().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until they are used to open"]
pub struct SqliteOptions {
    /// `None` for memory.
    path: Option<PathBuf>,
    table: TableName,
    busy_timeout: Duration,
    readers: u32,
    migrate: bool,
}

impl SqliteOptions {
    /// The file at this path, made if it is not there; its folder has to be. The path is a path,
    /// never a URL; only `:memory:` means [`in_memory`](Self::in_memory), as everywhere in SQLite.
    pub fn file(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        Self {
            // SQLite reads `file:...` as a URL, and an empty name as a temporary database.
            path: (path != Path::new(":memory:")).then(|| Path::new(".").join(path)),
            table: TableName::default(),
            busy_timeout: Duration::from_secs(5),
            readers: 4,
            migrate: true,
        }
    }

    /// A database in this program's memory, on one connection, which is never closed for idling or
    /// for its age. It goes with the last clone of the store.
    pub fn in_memory() -> Self {
        Self::file(":memory:")
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

    /// How long an operation waits for the lock of the file while another connection writes; 5 s
    /// unless said otherwise. It waits as long, and at least 1 s, for a free connection. Leave it
    /// at some tenths of a second at least: the store's own two writers wait for each other.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// How many connections read a file, each on a thread of its own, started when it is first
    /// needed; 4 unless said otherwise, at least 1. Two more write.
    pub fn readers(mut self, connections: u32) -> Self {
        self.readers = connections.max(1);
        self
    }

    /// Whether to run the migrations that are missing; yes unless said otherwise.
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// Opens the database.
    ///
    /// # Errors
    /// `Unavailable` if the file cannot be opened, made or locked; `Corrupt` if it is no database.
    pub async fn open(self) -> Result<SqliteStore, StoreError> {
        let store = match &self.path {
            None => {
                let connect = self.connect(Path::new(":memory:"));
                let pool = self.pool(1).idle_timeout(None);
                let pool = pool.connect_with(connect).await;
                SqliteStore::builder(pool.map_err(fault(Operation::Open))?)
            }
            Some(path) => {
                let connect = self.connect(path);
                let writer = self.pool(WRITERS).connect_with(connect.clone()).await;
                let writer = writer.map_err(fault(Operation::Open))?;
                write_ahead(&writer, self.busy_timeout)
                    .await
                    .map_err(fault(Operation::Open))?;
                let readers = self.pool(self.readers).connect_lazy_with(connect);
                SqliteStore::builder(readers).writer(writer)
            }
        };
        let store = store.named(self.table).build();
        if self.migrate {
            store.migrate().await?;
        }
        Ok(store)
    }

    fn connect(&self, path: &Path) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .busy_timeout(self.busy_timeout)
            .synchronous(SqliteSynchronous::Normal)
    }

    fn pool(&self, connections: u32) -> SqlitePoolOptions {
        SqlitePoolOptions::new()
            .max_connections(connections)
            // Even one that never waits for the lock needs the time to start a connection.
            .acquire_timeout(self.busy_timeout.max(Duration::from_secs(1)))
            // A file does not hang up, and a fresh connection is no better than an old one.
            .test_before_acquire(false)
            .max_lifetime(None)
    }
}

/// Switches the file to its write-ahead log, which it remembers. SQLite does not wait for the lock
/// that this takes, so when several processes open a new file at once, all but one have to ask
/// again.
async fn write_ahead(pool: &SqlitePool, patience: Duration) -> Result<(), sqlx::Error> {
    const PAUSE: Duration = Duration::from_millis(5);
    let deadline = Instant::now() + patience;
    loop {
        let switched = sqlx::query("PRAGMA journal_mode = WAL").execute(pool).await;
        match switched {
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                tokio::time::sleep(PAUSE).await;
            }
            other => return other.map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use session_core::Maintain as _;

    use super::*;

    #[tokio::test]
    async fn nothing_ever_closes_the_connection_that_is_the_memory() {
        let store = SqliteStore::open_in_memory().await.unwrap();
        for pool in [store.reader(), store.writer()] {
            let options = pool.options();
            assert_eq!(options.get_max_connections(), 1);
            assert_eq!(options.get_idle_timeout(), None);
            assert_eq!(options.get_max_lifetime(), None);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(store.count().await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_file_is_written_ahead_by_two_connections_and_read_by_a_few() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("s.db")).await.unwrap();
        assert_eq!(store.writer().options().get_max_connections(), 2);
        assert_eq!(store.reader().options().get_max_connections(), 4);
        for pool in [store.reader(), store.writer()] {
            assert!(!pool.options().get_test_before_acquire());
            let pragma = |sql| sqlx::query_scalar::<_, i64>(sql).fetch_one(pool);
            assert_eq!(pragma("PRAGMA synchronous").await.unwrap(), 1);
            assert_eq!(pragma("PRAGMA busy_timeout").await.unwrap(), 5000);
            let mode = sqlx::query_scalar::<_, String>("PRAGMA journal_mode");
            assert_eq!(mode.fetch_one(pool).await.unwrap(), "wal");
        }
    }

    #[test]
    fn a_path_is_never_read_as_a_url() {
        assert_eq!(SqliteOptions::file(":memory:").path, None);
        let path = |given| SqliteOptions::file(given).path.unwrap();
        assert_eq!(
            path("file:a?mode=memory"),
            Path::new("./file:a?mode=memory")
        );
        assert_eq!(path("/tmp/a.db"), Path::new("/tmp/a.db"));
    }
}
