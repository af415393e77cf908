//! Expired records leave the store without any request. With a shorter interval than the demo's
//! 20 s, which a test cannot wait for.

use std::time::{Duration, Instant};

use session_core::{FullStore, NewRecord, Precondition, SetOutcome, StoreKey, Sweeper, Ttl};
use session_sqlx::{MySqlStore, PostgresStore, SqliteStore};
use session_test_servers::Kind;
use tokio::{sync::oneshot, time::sleep};

use crate::harness::{Database, OwnDatabase};

#[tokio::test]
async fn expired_rows_of_a_file_go_by_themselves_and_living_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let database = Database::open_file(&path).await;
    expired_rows_go_by_themselves_and_living_ones_stay(store, database).await;
}

#[tokio::test]
async fn expired_rows_of_postgres_go_by_themselves_and_living_ones_stay() {
    if let Some(own) = OwnDatabase::new(Kind::Postgres) {
        let store = PostgresStore::open(&own.url()).await.unwrap();
        let database = Database::open(&own.url()).await;
        expired_rows_go_by_themselves_and_living_ones_stay(store, database).await;
    }
}

#[tokio::test]
async fn expired_rows_of_mariadb_go_by_themselves_and_living_ones_stay() {
    if let Some(own) = OwnDatabase::new(Kind::MariaDb) {
        let store = MySqlStore::open(&own.url()).await.unwrap();
        let database = Database::open(&own.url()).await;
        expired_rows_go_by_themselves_and_living_ones_stay(store, database).await;
    }
}

async fn expired_rows_go_by_themselves_and_living_ones_stay(
    store: impl FullStore + Clone,
    mut database: Database,
) {
    for n in 0..30_u8 {
        let key = StoreKey::digest(&[n]);
        let ttl = Ttl::from_millis(if n == 0 { 60_000 } else { 20 }).unwrap();
        let record = NewRecord::new(b"data");
        let set = store.set(&key, &record, ttl, Precondition::Absent).await;
        assert!(matches!(set, Ok(SetOutcome::Stored(_))));
    }
    let (stop, stopped) = oneshot::channel::<()>();
    let sweeper = Sweeper::new(store)
        .interval(Duration::from_millis(20))
        .batch(10)
        .pause(Duration::from_millis(1));
    let sweeper = tokio::spawn(sweeper.run(async { drop(stopped.await) }));
    let deadline = Instant::now() + Duration::from_secs(10);
    while database.rows().await.len() > 1 {
        assert!(Instant::now() < deadline, "expired rows are still there");
        sleep(Duration::from_millis(10)).await;
    }
    drop(stop);
    assert_eq!(sweeper.await.unwrap(), 29);
    assert_eq!(
        database.rows().await[0].0,
        StoreKey::digest(&[0]).as_bytes()
    );
}
