use std::{fmt, time::Duration};

use session_core::{Operation, StoreError};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{PostgresStore, store::CODES};
use crate::{
    opening::{self, open},
    table::{TableName, TableNameError},
};

/// How a [`PostgresStore`] opens connections of its own.
///
/// They are not tested before each use, so a request waits for one round trip to the server for each
/// operation; a second one, after the answer, is the driver's. A statement that finds its connection dead
/// runs again on another one where that is safe, so a restarted
/// server mostly goes unnoticed. A connection that something between has dropped without a word is not
/// found dead: it costs the store timeout, and its place in the pool for as long as the system waits.
///
/// ```no_run
/// // Not run: it needs a server.
/// use session_sqlx::PostgresOptions;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let store = PostgresOptions::url("postgres://app@db.example/app?sslmode=verify-full")?
///     .table("logins")?
///     .max_connections(20)
///     .open()
///     .await?;
/// # store.close().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until they are used to open"]
pub struct PostgresOptions {
    connect: PgConnectOptions,
    table: TableName,
    max_connections: u32,
    acquire_timeout: Duration,
    open_timeout: Duration,
    migrate: bool,
}

impl PostgresOptions {
    /// The database at this URL: `postgres://user:password@host:port/database?option=value`, as
    /// [`PgConnectOptions`](sqlx::postgres::PgConnectOptions) describes it.
    ///
    /// # Errors
    /// `Other` if it is no such URL, or one of another scheme.
    pub fn url(url: &str) -> Result<Self, StoreError> {
        let connect = opening::parse(url, ["postgres", "postgresql"]);
        let connect = connect.map_err(CODES.fault(Operation::Open))?;
        Ok(Self::connect(connect))
    }

    /// The database that these options of the driver lead to.
    pub fn connect(connect: PgConnectOptions) -> Self {
        Self {
            connect,
            table: TableName::default(),
            max_connections: 10,
            acquire_timeout: Duration::from_millis(1500),
            open_timeout: Duration::from_secs(10),
            migrate: true,
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

    /// How many connections there are at most; 10 unless said otherwise, at least 1. Each is a
    /// process of the server's, which allows 100 in all unless it is told otherwise.
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.max_connections = connections.max(1);
        self
    }

    /// How long an operation waits for a free connection, and for the server to accept a new one;
    /// 1.5 s unless said otherwise. Best below the store timeout of the sessions.
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// How long [`open`](Self::open) takes at most; 10 s unless said otherwise. Longer than
    /// [`acquire_timeout`](Self::acquire_timeout) is what the migrations may take once they have a
    /// connection: one may wait for a lock that somebody else has.
    pub fn open_timeout(mut self, timeout: Duration) -> Self {
        self.open_timeout = timeout;
        self
    }

    /// Whether to run the migrations that are missing; yes unless said otherwise. Without it, the
    /// first connection is made when it is first needed, so the server need not be there yet.
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// Opens the database.
    ///
    /// # Errors
    /// `Unavailable` or `Timeout` if the server cannot be reached or refuses the user; `Timeout` after
    /// [`open_timeout`](Self::open_timeout); `Other` if the database is not there, the server refuses to make
    /// the table, a table of another kind is there, or TLS is asked for and not built in.
    pub async fn open(self) -> Result<PostgresStore, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(self.max_connections)
            .acquire_timeout(self.acquire_timeout)
            .test_before_acquire(false)
            .connect_lazy_with(self.connect.clone());
        let store = PostgresStore::builder(pool).named(self.table).build();
        if self.migrate {
            open(self.open_timeout, &self.connect, CODES, || store.migrate()).await?;
        }
        Ok(store)
    }
}

impl fmt::Debug for PostgresOptions {
    /// Shows where the server is. The driver's own options would show the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("host", &self.connect.get_host())
            .field("port", &self.connect.get_port())
            .field("database", &self.connect.get_database())
            .field("table", &self.table)
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("open_timeout", &self.open_timeout)
            .field("migrate", &self.migrate)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use session_core::StoreErrorKind;

    use super::*;

    #[test]
    fn debug_shows_no_password() {
        let options = PostgresOptions::url("postgres://me:s3cret@db.example/app").unwrap();
        let shown = format!("{options:?}");
        assert!(
            shown.contains("db.example") && !shown.contains("s3cret"),
            "{shown}"
        );
    }

    #[test]
    fn a_url_of_another_scheme_is_refused() {
        for url in ["mysql://me:s3cret@db.example/app", "redis://db.example"] {
            let error = PostgresOptions::url(url).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Other);
            assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        }
        for url in ["postgres", "postgresql"] {
            let _ = PostgresOptions::url(&format!("{url}://db.example/app")).unwrap();
        }
    }

    #[test]
    fn what_is_no_url_is_an_error_that_shows_none_of_it() {
        let error = PostgresOptions::url("postgres://me:s3cret@db.example:port/app").unwrap_err();
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}
