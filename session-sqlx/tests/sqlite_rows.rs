//! What the table of a `SqliteStore` holds.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

use std::time::Duration;

use session_core::{
    NewRecord, OwnerIndex, Precondition, SetOutcome, Store, StoreKey, Timestamp, Ttl, Version,
};
use session_sqlx::{
    SqliteStore,
    sqlx::{self, SqlitePool, sqlite::SqlitePoolOptions},
};

#[tokio::test]
async fn any_bytes_come_back_as_they_went_in() {
    let (store, _) = in_memory().await;
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let mebibyte = every_byte.repeat(4096);
    for data in [
        &b""[..],
        b"\0",
        b"a\0b\0",
        b"\xff\xfe",
        &every_byte,
        &mebibyte,
    ] {
        let outcome = store
            .set(&key("a"), &NewRecord::new(data), hour(), Precondition::Any)
            .await;
        assert!(matches!(outcome.unwrap(), SetOutcome::Stored(_)));
        assert_eq!(store.get(&key("a")).await.unwrap().unwrap().data, data);
    }
}

#[tokio::test]
async fn the_table_keeps_the_digest_the_owner_and_all_times_in_milliseconds() {
    let (store, pool) = in_memory().await;
    let record = NewRecord::new(b"data").owner(Some("Zoë\0'\""));
    let before = Timestamp::now().as_unix_millis();
    let version = stored(
        store
            .set(&key("a"), &record, hour(), Precondition::Absent)
            .await
            .unwrap(),
    );
    let after = Timestamp::now().as_unix_millis();

    let row = row(&pool).await;
    assert_eq!(row.id, key("a").as_bytes());
    assert_eq!(row.user_id.as_deref(), Some("Zoë\0'\""));
    assert_eq!(row.version, version.as_i64());
    assert!((before..=after).contains(&row.created_at));
    assert_eq!(row.updated_at, row.created_at);
    assert_eq!(row.expires_at, row.created_at + 3_600_000);
    assert_eq!(store.list("Zoë\0'\"").await.unwrap().len(), 1);
    assert!(store.list("Zoë").await.unwrap().is_empty());
}

#[tokio::test]
async fn updated_at_moves_with_every_set_and_created_at_never() {
    let (store, pool) = in_memory().await;
    let mut version = set(&store, "a", Precondition::Absent).await;
    let mut last = row(&pool).await;
    for when in 0..4 {
        tick().await;
        let when = if when % 2 == 0 {
            Precondition::Any
        } else {
            Precondition::Version(version)
        };
        version = set(&store, "a", when).await;
        let now = row(&pool).await;
        assert_eq!(now.created_at, last.created_at);
        assert!(now.updated_at > last.updated_at);
        last = now;
    }
}

#[tokio::test]
async fn expire_moves_nothing_but_the_expiry() {
    let (store, pool) = in_memory().await;
    set(&store, "a", Precondition::Absent).await;
    let before = row(&pool).await;
    tick().await;
    assert!(store.expire(&key("a"), hour()).await.unwrap());
    let after = row(&pool).await;
    assert!(after.expires_at > before.expires_at);
    assert_eq!(
        Row {
            expires_at: 0,
            ..after
        },
        Row {
            expires_at: 0,
            ..before
        }
    );
}

#[tokio::test]
async fn a_lost_compare_and_swap_leaves_the_row_untouched() {
    let (store, pool) = in_memory().await;
    set(&store, "a", Precondition::Absent).await;
    let before = row(&pool).await;
    tick().await;
    let other = NewRecord::new(b"other").owner(Some("other"));
    let when = Precondition::Version(Version::unique());
    let outcome = store.set(&key("a"), &other, hour(), when).await.unwrap();
    assert_eq!(outcome, SetOutcome::Conflict);
    let outcome = store
        .rename(&key("a"), &key("b"), &other, hour(), Version::unique())
        .await;
    assert_eq!(outcome.unwrap(), SetOutcome::Conflict);
    assert_eq!(row(&pool).await, before);
}

#[tokio::test]
async fn a_set_over_an_expired_row_begins_a_new_record() {
    let (store, pool) = in_memory().await;
    for when in [Precondition::Any, Precondition::Absent] {
        set(&store, "a", Precondition::Any).await;
        outdate(&pool).await;
        let before = Timestamp::now().as_unix_millis();
        set(&store, "a", when).await;
        assert!(row(&pool).await.created_at >= before, "{when:?}");
    }
}

#[tokio::test]
async fn rename_moves_the_row_even_onto_an_expired_one_but_never_onto_a_living_one() {
    let (store, pool) = in_memory().await;
    let began = Timestamp::from_unix_millis(1_000);
    let record = NewRecord::new(b"new").created_at(Some(began));

    set(&store, "b", Precondition::Absent).await;
    outdate(&pool).await;
    let version = set(&store, "a", Precondition::Absent).await;
    let outcome = store
        .rename(&key("a"), &key("b"), &record, hour(), version)
        .await
        .unwrap();
    let version = stored(outcome);
    let moved = row(&pool).await; // fails unless there is exactly one row
    assert_eq!(moved.id, key("b").as_bytes());
    assert_eq!(moved.created_at, 1_000);
    assert_eq!(moved.version, version.as_i64());

    set(&store, "c", Precondition::Absent).await;
    for to in ["b", "c"] {
        let outcome = store
            .rename(&key("b"), &key(to), &record, hour(), version)
            .await
            .unwrap();
        assert_eq!(outcome, SetOutcome::Conflict, "{to}");
    }
    assert_eq!(
        store.get(&key("b")).await.unwrap().unwrap().version,
        version
    );
    assert_eq!(store.get(&key("c")).await.unwrap().unwrap().data, "data");

    let outcome = store
        .rename(&key("a"), &key("d"), &record, hour(), version)
        .await
        .unwrap();
    assert_eq!(outcome, SetOutcome::Missing);
}

#[tokio::test]
async fn a_session_never_begins_in_the_future() {
    let (store, _) = in_memory().await;
    let tomorrow = Timestamp::from_unix_millis(Timestamp::now().as_unix_millis() + 86_400_000);
    let record = NewRecord::new(b"").created_at(Some(tomorrow));
    stored(
        store
            .set(&key("a"), &record, hour(), Precondition::Absent)
            .await
            .unwrap(),
    );
    let record = store.get(&key("a")).await.unwrap().unwrap();
    assert!(record.created_at <= Timestamp::now());
}

#[derive(PartialEq, Debug)]
struct Row {
    id: Vec<u8>,
    user_id: Option<String>,
    data: Vec<u8>,
    expires_at: i64,
    created_at: i64,
    updated_at: i64,
    version: i64,
}

/// The only row.
async fn row(pool: &SqlitePool) -> Row {
    let columns =
        "SELECT id, user_id, data, expires_at, created_at, updated_at, version FROM sessions";
    let mut rows = sqlx::query_as(columns).fetch_all(pool).await.unwrap();
    assert_eq!(rows.len(), 1);
    let (id, user_id, data, expires_at, created_at, updated_at, version) = rows.remove(0);
    Row {
        id,
        user_id,
        data,
        expires_at,
        created_at,
        updated_at,
        version,
    }
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

async fn tick() {
    tokio::time::sleep(Duration::from_millis(3)).await;
}

fn key(name: &str) -> StoreKey {
    StoreKey::digest(name.as_bytes())
}

fn hour() -> Ttl {
    Ttl::from_secs(3600).unwrap()
}
