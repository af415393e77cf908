//! A database for the tests of one program, on the server that all tests share.
#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "each program of tests uses a part of it"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

pub(crate) mod database;
pub(crate) mod operations;
pub(crate) mod traffic;

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::UNIX_EPOCH,
};

use session_conformance::skip;
use session_core::{SetOutcome, Ttl, Version};
use session_sqlx::sqlx::{
    self, AssertSqlSafe, Connection as _, PgConnection,
    mysql::{MySqlConnectOptions, MySqlConnection},
    postgres::PgConnectOptions,
};
use session_test_servers::{Kind, shared};

/// How long the database of an earlier run stays on a server that is not the tests' own, in seconds.
const A_DAY: u64 = 24 * 60 * 60;

/// A table's name that no other test of this program has.
pub(crate) fn fresh_table() -> String {
    static TABLES: AtomicUsize = AtomicUsize::new(0);
    format!("sessions_{}", TABLES.fetch_add(1, Ordering::Relaxed))
}

/// The version of what was stored.
pub(crate) fn version(outcome: SetOutcome) -> Version {
    match outcome {
        SetOutcome::Stored(version) => version,
        other => panic!("not stored: {other:?}"),
    }
}

/// Longer than any test.
pub(crate) fn ttl() -> Ttl {
    Ttl::from_secs(3600).unwrap()
}

/// A PostgreSQL database of this program's own, made when it is first asked for. Without a server,
/// the law is skipped.
pub(crate) fn postgres() -> PgConnectOptions {
    try_postgres().unwrap_or_else(|| skip("no PostgreSQL"))
}

/// The same on MariaDB.
pub(crate) fn mysql() -> MySqlConnectOptions {
    try_mysql().unwrap_or_else(|| skip("no MariaDB"))
}

/// The same, for a test that is no law.
pub(crate) fn try_postgres() -> Option<PgConnectOptions> {
    static DATABASE: LazyLock<Option<PgConnectOptions>> = LazyLock::new(|| {
        let url = shared(Kind::Postgres)?;
        let options: PgConnectOptions = url.parse().unwrap();
        let name = database_name();
        let owner = options.clone();
        on_a_runtime_of_its_own(async move {
            let mut server = PgConnection::connect_with(&owner).await.unwrap();
            let old = "SELECT datname FROM pg_database WHERE datname LIKE 'session\\_test\\_%'";
            let old: Vec<(String,)> = sqlx::query_as(old).fetch_all(&mut server).await.unwrap();
            for (old,) in old.into_iter().filter(|(name,)| is_old(name)) {
                run(&mut server, format!("DROP DATABASE IF EXISTS {old}")).await;
            }
            run(&mut server, format!("CREATE DATABASE {name}")).await;
            name
        })
        .map(|name| options.database(&name))
    });
    DATABASE.clone()
}

/// The same on MariaDB.
pub(crate) fn try_mysql() -> Option<MySqlConnectOptions> {
    static DATABASE: LazyLock<Option<MySqlConnectOptions>> = LazyLock::new(|| {
        let url = shared(Kind::MariaDb)?;
        let options: MySqlConnectOptions = url.parse().unwrap();
        let name = database_name();
        let owner = options.clone();
        on_a_runtime_of_its_own(async move {
            let mut server = MySqlConnection::connect_with(&owner).await.unwrap();
            let old = "SELECT CAST(schema_name AS CHAR) FROM information_schema.schemata";
            let old: Vec<(String,)> = sqlx::query_as(old).fetch_all(&mut server).await.unwrap();
            for (old,) in old.into_iter().filter(|(name,)| is_old(name)) {
                let drop = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {old}"));
                sqlx::raw_sql(drop).execute(&mut server).await.unwrap();
            }
            let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
            sqlx::raw_sql(create).execute(&mut server).await.unwrap();
            name
        })
        .map(|name| options.database(&name))
    });
    DATABASE.clone()
}

async fn run(server: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(server)
        .await
        .unwrap();
}

/// Says when it was made, so that a later run can remove it.
fn database_name() -> String {
    let random = Version::unique().as_i64();
    format!("session_test_{}_{random:x}", seconds())
}

fn is_old(name: &str) -> bool {
    if !name.starts_with("session_test_") {
        return false;
    }
    let made = name
        .split('_')
        .nth(2)
        .and_then(|made| made.parse::<u64>().ok());
    made.is_some_and(|made| made + A_DAY < seconds())
}

fn seconds() -> u64 {
    UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs())
}

/// Each test has a runtime that ends with it.
fn on_a_runtime_of_its_own<T: Send>(work: impl Future<Output = T> + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        scope.spawn(|| runtime.unwrap().block_on(work)).join().ok()
    })
}
