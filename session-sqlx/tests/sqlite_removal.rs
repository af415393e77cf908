//! What a `SqliteStore` removes and counts, within its own table.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

use session_core::{
    Maintain, NewRecord, OwnerIndex, Precondition, SetOutcome, Store, StoreKey, Ttl, Version,
};
use session_sqlx::{
    SqliteStore,
    sqlx::{self, SqlitePool, sqlite::SqlitePoolOptions},
};

#[tokio::test]
async fn two_tables_of_one_database_stay_apart() {
    let (one, pool) = in_memory().await;
    let two = SqliteStore::builder(pool).table("order").unwrap().build();
    two.migrate().await.unwrap();
    let record = NewRecord::new(b"data").owner(Some("alice"));
    for store in [&one, &two] {
        stored(
            store
                .set(&key("a"), &record, hour(), Precondition::Absent)
                .await
                .unwrap(),
        );
    }
    assert_eq!(two.delete_all().await.unwrap(), 1);
    assert_eq!(two.delete_owner("alice", None).await.unwrap(), 0);
    assert_eq!(one.count().await.unwrap(), 1);
    assert_eq!(one.list("alice").await.unwrap().len(), 1);
    assert!(!two.exists(&key("a")).await.unwrap());
}

#[tokio::test]
async fn a_name_that_is_more_than_a_name_is_refused() {
    let (store, pool) = in_memory().await;
    let name = "sessions\"; DROP TABLE sessions; --";
    assert!(SqliteStore::builder(pool).table(name).is_err());
    assert!(SqliteStore::migrations(name).is_err());
    assert_eq!(store.count().await.unwrap(), 0);
}

#[tokio::test]
async fn purging_takes_expired_rows_in_batches_and_no_living_one() {
    let (store, pool) = in_memory().await;
    for i in 0..25 {
        set(&store, &format!("dead {i}"), Precondition::Absent).await;
    }
    outdate(&pool).await;
    for i in 0..5 {
        set(&store, &format!("living {i}"), Precondition::Absent).await;
    }
    set(&store, "dead 0", Precondition::Absent).await; // begun anew
    for removed in [10, 10, 4, 0] {
        assert_eq!(store.purge_expired(10).await.unwrap(), removed);
        assert_eq!(store.count().await.unwrap(), 6);
    }
    assert_eq!(store.purge_expired(0).await.unwrap(), 0);
}

#[tokio::test]
async fn removing_all_or_an_owners_removes_expired_rows_too_but_counts_the_living() {
    let (store, pool) = in_memory().await;
    let owned = NewRecord::new(b"").owner(Some("alice"));
    for name in ["a", "b"] {
        stored(
            store
                .set(&key(name), &owned, hour(), Precondition::Absent)
                .await
                .unwrap(),
        );
    }
    outdate(&pool).await;
    stored(
        store
            .set(&key("c"), &owned, hour(), Precondition::Absent)
            .await
            .unwrap(),
    );
    assert_eq!(
        store.delete_owner("alice", Some(&key("a"))).await.unwrap(),
        1
    );
    set(&store, "d", Precondition::Absent).await;
    assert_eq!(store.delete_all().await.unwrap(), 1);
    assert_eq!(rows(&pool).await, 0);
}

#[tokio::test]
async fn deleting_removes_an_expired_row_too_but_was_no_delete() {
    let (store, pool) = in_memory().await;
    set(&store, "a", Precondition::Absent).await;
    outdate(&pool).await;
    assert!(!store.delete(&key("a")).await.unwrap());
    assert_eq!(rows(&pool).await, 0);
}

async fn rows(pool: &SqlitePool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM sessions")
        .fetch_one(pool)
        .await
        .unwrap()
}

/// Lets all rows expire as if they had been made long ago.
async fn outdate(pool: &SqlitePool) {
    let sql = "UPDATE sessions SET expires_at = 1, created_at = 0, updated_at = 0";
    sqlx::query(sql).execute(pool).await.unwrap();
}

async fn in_memory() -> (SqliteStore, SqlitePool) {
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await
        .unwrap();
    let store = SqliteStore::from_pool(pool.clone());
    store.migrate().await.unwrap();
    (store, pool)
}

async fn set(store: &SqliteStore, name: &str, when: Precondition) -> Version {
    stored(
        store
            .set(&key(name), &NewRecord::new(b"data"), hour(), when)
            .await
            .unwrap(),
    )
}

fn stored(outcome: SetOutcome) -> Version {
    match outcome {
        SetOutcome::Stored(version) => version,
        other => panic!("not stored: {other:?}"),
    }
}

fn key(name: &str) -> StoreKey {
    StoreKey::digest(name.as_bytes())
}

fn hour() -> Ttl {
    Ttl::from_secs(3600).unwrap()
}
