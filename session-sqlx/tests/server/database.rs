use std::sync::Arc;

use session_core::{FullStore, StoreError, StoreKey};
use session_sqlx::{
    Migration, MySqlOptions, MySqlStore, PostgresOptions, PostgresStore,
    sqlx::{
        self, AssertSqlSafe, ConnectOptions as _, Connection, mysql::MySqlConnection,
        postgres::PgConnection,
    },
};
use session_test_servers::{Kind, Server};

/// What a test does with a database, whichever it is: a connection that may do anything.
pub(crate) trait Database: Connection + 'static {
    const KIND: Kind;
    /// Makes later connections serializable.
    const SERIALIZABLE: &str;
    /// Makes later connections read what was committed last, and lock no more than rows.
    const READ_COMMITTED: &str;
    /// Counts the statements that wait for a lock.
    const WAITING: &str;
    /// Counts the connections of other clients.
    const OTHERS: &str;
    /// Counts a table's indexes that have the names that they should have.
    const INDEXES: &str;
    /// Fills the table `sessions`: `{living}` rows that live, and then `{expired}` that have expired. The
    /// first has the number 1, the number makes the key ([`numbered`]) and is the version.
    const FILL: &str;
    /// A key that is given as `{hex}`.
    const KEY: &str;

    /// The address of this program's database on the server that all tests share.
    fn shared() -> Option<String>;

    /// A store with connections of its own, which makes its table.
    fn open(
        url: &str,
        table: &str,
        connections: u32,
    ) -> impl Future<Output = Result<Arc<dyn FullStore>, StoreError>> + Send;

    /// The same over a table that is there.
    async fn open_made(url: &str, table: &str) -> Result<Arc<dyn FullStore>, StoreError>;

    fn migrations(table: &str) -> Vec<Migration>;

    /// Runs one or more statements.
    async fn run(&mut self, sql: impl Into<String>);

    /// The first column of what a query returns.
    async fn numbers(&mut self, sql: impl Into<String>) -> Vec<i64>;

    /// Ends the connections of all other clients.
    async fn end_others(&mut self);
}

/// A server of the test's own with an empty database, and the address of that.
pub(crate) async fn private<D: Database>() -> Option<(Server, String)> {
    let server = Server::start(D::KIND)?;
    let url = server.url();
    let mut admin = D::connect(&url).await.unwrap();
    admin.run("CREATE DATABASE app").await;
    let (place, _) = url.rsplit_once('/').unwrap();
    Some((server, format!("{place}/app")))
}

impl Database for PgConnection {
    const KIND: Kind = Kind::Postgres;
    const SERIALIZABLE: &str =
        "ALTER DATABASE app SET default_transaction_isolation = serializable";
    const READ_COMMITTED: &str =
        "ALTER DATABASE app SET default_transaction_isolation = 'read committed'";
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    const INDEXES: &str = "SELECT count(*) FROM pg_indexes WHERE tablename = '{table}'
        AND indexname IN ('{table}_pkey', '{table}_by_expiry', '{table}_by_owner')";
    const FILL: &str = "INSERT INTO sessions
        SELECT decode(lpad(to_hex(n * 2654435761 % 4294967296), 8, '0')
                || lpad(to_hex(n), 56, '0'), 'hex'),
            'owner' || n / 4, sha256(n::text::bytea),
            (extract(epoch FROM clock_timestamp()) * 1000)::bigint
                + CASE WHEN n <= {living} THEN 3600000 ELSE -1 END,
            0, 0, n
        FROM generate_series(1, {living} + {expired}::bigint) AS n;
        ANALYZE sessions";
    const KEY: &str = "decode('{hex}', 'hex')";

    fn shared() -> Option<String> {
        Some(super::try_postgres()?.to_url_lossy().to_string())
    }

    async fn open(
        url: &str,
        table: &str,
        connections: u32,
    ) -> Result<Arc<dyn FullStore>, StoreError> {
        let options = PostgresOptions::url(url)?.max_connections(connections);
        Ok(Arc::new(options.table(table).unwrap().open().await?))
    }

    async fn open_made(url: &str, table: &str) -> Result<Arc<dyn FullStore>, StoreError> {
        let options = PostgresOptions::url(url)?.migrate(false);
        Ok(Arc::new(options.table(table).unwrap().open().await?))
    }

    fn migrations(table: &str) -> Vec<Migration> {
        PostgresStore::migrations(table).unwrap()
    }

    async fn run(&mut self, sql: impl Into<String>) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.into()));
        sql.execute(self).await.unwrap();
    }

    async fn numbers(&mut self, sql: impl Into<String>) -> Vec<i64> {
        let sql = sqlx::query_scalar(AssertSqlSafe(sql.into()));
        sql.fetch_all(self).await.unwrap()
    }

    async fn end_others(&mut self) {
        let others = Self::OTHERS.replace("count(*)", "pg_terminate_backend(pid)");
        self.run(others).await;
        none_left(self).await;
    }
}

impl Database for MySqlConnection {
    const KIND: Kind = Kind::MariaDb;
    const SERIALIZABLE: &str = "SET GLOBAL TRANSACTION ISOLATION LEVEL SERIALIZABLE";
    const READ_COMMITTED: &str = "SET GLOBAL TRANSACTION ISOLATION LEVEL READ COMMITTED";
    const WAITING: &str =
        "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
    const OTHERS: &str = "SELECT count(*) FROM information_schema.processlist
        WHERE user = 'root' AND id <> connection_id()";
    const INDEXES: &str = "SELECT count(DISTINCT index_name) FROM information_schema.statistics
        WHERE table_schema = database() AND table_name = '{table}'
        AND index_name IN ('PRIMARY', '{table}_by_expiry', '{table}_by_owner')";
    const FILL: &str = "INSERT INTO sessions
        SELECT UNHEX(CONCAT(LPAD(HEX(seq * 2654435761 % 4294967296), 8, '0'),
                LPAD(HEX(seq), 56, '0'))),
            CONCAT('owner', seq DIV 4), UNHEX(SHA2(seq, 256)),
            TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000
                + IF(seq <= {living}, 3600000, -1),
            0, 0, seq
        FROM seq_1_to_2000000 WHERE seq <= {living} + {expired};
        ANALYZE TABLE sessions";
    const KEY: &str = "X'{hex}'";

    fn shared() -> Option<String> {
        Some(super::try_mysql()?.to_url_lossy().to_string())
    }

    async fn open(
        url: &str,
        table: &str,
        connections: u32,
    ) -> Result<Arc<dyn FullStore>, StoreError> {
        let options = MySqlOptions::url(url)?.max_connections(connections);
        Ok(Arc::new(options.table(table).unwrap().open().await?))
    }

    async fn open_made(url: &str, table: &str) -> Result<Arc<dyn FullStore>, StoreError> {
        let options = MySqlOptions::url(url)?.migrate(false);
        Ok(Arc::new(options.table(table).unwrap().open().await?))
    }

    fn migrations(table: &str) -> Vec<Migration> {
        MySqlStore::migrations(table).unwrap()
    }

    async fn run(&mut self, sql: impl Into<String>) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.into()));
        sql.execute(self).await.unwrap();
    }

    async fn numbers(&mut self, sql: impl Into<String>) -> Vec<i64> {
        let sql = sqlx::query_scalar(AssertSqlSafe(sql.into()));
        sql.fetch_all(self).await.unwrap()
    }

    async fn end_others(&mut self) {
        let others = Self::OTHERS.replace("count(*)", "CAST(id AS SIGNED)");
        for id in self.numbers(others).await {
            // One that has left by itself meanwhile is an error.
            let kill = sqlx::raw_sql(AssertSqlSafe(format!("KILL {id}")));
            drop(kill.execute(&mut *self).await);
        }
        none_left(self).await;
    }
}

/// The key of a row that `FILL` made. They follow each other like digests do, at random.
pub(crate) fn numbered(number: u64) -> StoreKey {
    let mut key = [0; 32];
    let random = number * 2_654_435_761 % (1 << 32);
    key[..4].copy_from_slice(&random.to_be_bytes()[4..]);
    key[24..].copy_from_slice(&number.to_be_bytes());
    StoreKey::from_bytes(key)
}

/// A server ends a connection a moment after it was told to.
async fn none_left<D: Database>(admin: &mut D) {
    while admin.numbers(D::OTHERS).await != [0] {
        tokio::task::yield_now().await;
    }
}

/// A test for each database, with this attribute, out of a function that is generic over it.
macro_rules! on_both {
    (#[$attribute:meta] $($test:ident),+ $(,)?) => {
        mod postgres {
            $(#[$attribute]
            async fn $test() {
                super::$test::<session_sqlx::sqlx::postgres::PgConnection>().await;
            })+
        }

        mod mysql {
            $(#[$attribute]
            async fn $test() {
                super::$test::<session_sqlx::sqlx::mysql::MySqlConnection>().await;
            })+
        }
    };
}
pub(crate) use on_both;
