//! Faults come as typed errors that tell no secret.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use session_core::{
    Maintain, NewRecord, Operation, OwnerIndex, Precondition, SetOutcome, Store, StoreError,
    StoreErrorKind, StoreKey, Ttl,
};
use session_sqlx::{
    SqliteOptions, SqliteStore,
    sqlx::{
        self, SqlitePool,
        sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    },
};

/// A table that somebody made without our types.
const UNTYPED: &str =
    "CREATE TABLE sessions (id PRIMARY KEY, user_id, data, expires_at, created_at,
    updated_at, version)";

#[tokio::test]
async fn a_value_of_the_wrong_type_is_corrupt() {
    let (store, pool) = untyped().await;
    for (column, value) in [
        ("data", "NULL"),
        ("data", "42"),
        ("data", "'my secret'"),
        ("user_id", "42"),
        ("user_id", "CAST(x'ff' AS TEXT)"),
        ("version", "'my secret'"),
        ("created_at", "NULL"),
        ("expires_at", "'my secret'"),
    ] {
        insert(&pool, "zeroblob(32)").await;
        let sql = format!("UPDATE sessions SET {column} = {value}");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&pool)
            .await
            .unwrap();
        let error = store.get(&StoreKey::from_bytes([0; 32])).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{column} = {value}");
        assert_eq!(error.operation(), Operation::Get);
        assert!(!all_that_it_says(&error).contains("secret"));
    }
}

#[tokio::test]
async fn a_key_of_the_wrong_length_is_corrupt() {
    let (store, pool) = untyped().await;
    for id in ["zeroblob(31)", "zeroblob(33)", "x''", "'text'"] {
        insert(&pool, id).await;
        let error = store.list("alice").await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{id}");
        assert_eq!(error.operation(), Operation::List);
    }
}

#[tokio::test]
async fn a_damaged_file_is_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let _ = set(&store).await.unwrap();
    store.close().await;
    // The header stays, all pages after the first are overwritten.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let store = SqliteOptions::file(&path)
        .migrate(false)
        .open()
        .await
        .unwrap();
    let error = store.get(&key()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
}

#[tokio::test]
async fn a_read_only_file_can_be_read_and_is_unavailable_to_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let writer = SqliteStore::open(&path).await.unwrap();
    let _ = set(&writer).await.unwrap();
    let connect = SqliteConnectOptions::new().filename(&path).read_only(true);
    let store = SqliteStore::from_pool(SqlitePool::connect_with(connect).await.unwrap());
    store.migrate().await.unwrap(); // there is nothing to do
    assert!(store.exists(&key()).await.unwrap());
    let error = set(&store).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert_eq!(error.operation(), Operation::Set);
}

#[tokio::test]
async fn a_lock_that_is_not_given_up_is_unavailable_after_the_busy_timeout() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let options = SqliteOptions::file(&path).busy_timeout(Duration::from_millis(20));
    let store = options.open().await.unwrap();
    let other = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&path))
        .await
        .unwrap();

    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let start = Instant::now();
    let error = set(&store).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(start.elapsed() < Duration::from_secs(2));
    assert!(!store.exists(&key()).await.unwrap()); // readers do not wait for the lock

    lock.rollback().await.unwrap();
    let _ = set(&store).await.unwrap();
}

#[tokio::test]
async fn no_free_connection_is_a_timeout_and_a_closed_pool_is_unavailable() {
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(10))
        .connect("sqlite::memory:")
        .await
        .unwrap();
    let store = SqliteStore::from_pool(pool.clone());
    store.migrate().await.unwrap();

    let taken = pool.acquire().await.unwrap();
    assert_eq!(
        set(&store).await.unwrap_err().kind(),
        StoreErrorKind::Timeout
    );
    drop(taken);
    let _ = set(&store).await.unwrap();

    pool.close().await;
    for error in [
        store.get(&key()).await.unwrap_err(),
        store.delete(&key()).await.unwrap_err(),
        store.count().await.unwrap_err(),
        store.delete_all().await.unwrap_err(),
        store.list("alice").await.unwrap_err(),
        store.delete_owner("alice", None).await.unwrap_err(),
        store.purge_expired(1).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    }
}

#[tokio::test]
async fn a_full_disk_is_unavailable_and_nothing_is_lost() {
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect("sqlite::memory:").await.unwrap();
    let store = SqliteStore::from_pool(pool.clone());
    store.migrate().await.unwrap();
    let _ = set(&store).await.unwrap();
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&pool)
        .await
        .unwrap();
    let limit = format!("PRAGMA max_page_count = {pages}");
    sqlx::query(sqlx::AssertSqlSafe(limit))
        .execute(&pool)
        .await
        .unwrap();

    let large = vec![b'x'; 1 << 20];
    let ttl = Ttl::from_secs(60).unwrap();
    let error = store
        .set(&key(), &NewRecord::new(&large), ttl, Precondition::Any)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(!all_that_it_says(&error).contains("xxx"));
    assert_eq!(store.get(&key()).await.unwrap().unwrap().data, "data");
}

#[tokio::test]
async fn debug_of_a_store_shows_its_table_and_nothing_else() {
    let store = SqliteStore::open_in_memory().await.unwrap();
    assert_eq!(
        format!("{store:?}"),
        "SqliteStore { table: TableName(\"sessions\"), .. }"
    );
}

async fn untyped() -> (SqliteStore, SqlitePool) {
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect("sqlite::memory:").await.unwrap();
    sqlx::query(UNTYPED).execute(&pool).await.unwrap();
    (SqliteStore::from_pool(pool.clone()), pool)
}

/// Replaces all rows by one that lives for ever.
async fn insert(pool: &SqlitePool, id: &str) {
    let sql = format!(
        "DELETE FROM sessions;
         INSERT INTO sessions VALUES ({id}, 'alice', x'', 1 << 60, 0, 0, 1)"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(pool)
        .await
        .unwrap();
}

/// The messages and the `Debug` of an error and of everything that caused it.
fn all_that_it_says(error: &StoreError) -> String {
    let mut text = format!("{error:?}");
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        text += &error.to_string();
        next = error.source();
    }
    text
}

async fn set(store: &SqliteStore) -> Result<SetOutcome, StoreError> {
    let ttl = Ttl::from_secs(60).unwrap();
    store
        .set(&key(), &NewRecord::new(b"data"), ttl, Precondition::Any)
        .await
}

fn key() -> StoreKey {
    StoreKey::digest(b"a")
}
