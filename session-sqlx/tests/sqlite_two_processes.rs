//! Two stores over one file, from pools of their own, as in two processes.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

use std::sync::Arc;

use session_core::{
    Maintain, NewRecord, OwnerIndex, Precondition, SetOutcome, Store, StoreKey, Ttl, Version,
};
use session_sqlx::{
    SqliteStore,
    sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tempfile::TempDir;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_concurrent_creators_one_wins() {
    let (_folder, stores) = two_stores().await;
    let outcomes = on_64_tasks(&stores, |store, i| async move {
        let data = [i];
        create(&store, &data).await.map(|_| i)
    })
    .await;
    let winners: Vec<u8> = outcomes.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    for store in stores.iter() {
        assert_eq!(store.get(&key()).await.unwrap().unwrap().data, winners);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_concurrent_swaps_of_one_version_one_wins() {
    let (_folder, stores) = two_stores().await;
    let version = create(&stores[0], b"").await.unwrap();
    let outcomes = on_64_tasks(&stores, move |store, i| async move {
        store
            .set(
                &key(),
                &NewRecord::new(&[i]),
                minute(),
                Precondition::Version(version),
            )
            .await
            .unwrap()
    })
    .await;
    let conflicts = outcomes
        .iter()
        .filter(|outcome| **outcome == SetOutcome::Conflict);
    assert_eq!(conflicts.count(), 63);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_increments_with_retry_none_is_lost() {
    let (_folder, stores) = two_stores().await;
    create(&stores[0], &[0]).await.unwrap();
    on_64_tasks(&stores, |store, _| async move {
        loop {
            let record = store.get(&key()).await.unwrap().unwrap();
            let next = [record.data[0] + 1];
            let when = Precondition::Version(record.version);
            let outcome = store
                .set(&key(), &NewRecord::new(&next), minute(), when)
                .await
                .unwrap();
            if outcome != SetOutcome::Conflict {
                break;
            }
        }
    })
    .await;
    assert_eq!(stores[0].get(&key()).await.unwrap().unwrap().data[0], 64);
}

#[tokio::test]
async fn a_chain_of_swaps_alternates_between_the_two() {
    let (_folder, stores) = two_stores().await;
    let mut version = create(&stores[0], b"").await.unwrap();
    for i in 0..10 {
        let swap = Precondition::Version(version);
        let record = NewRecord::new(b"");
        let (this, other) = (&stores[i % 2], &stores[(i + 1) % 2]);
        let SetOutcome::Stored(next) = this.set(&key(), &record, minute(), swap).await.unwrap()
        else {
            panic!("the version was the newest");
        };
        let again = other.set(&key(), &record, minute(), swap).await.unwrap();
        assert_eq!(again, SetOutcome::Conflict);
        version = next;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_concurrent_renames_one_wins_and_one_record_is_left() {
    let (_folder, stores) = two_stores().await;
    let version = create(&stores[0], b"").await.unwrap();
    let outcomes = on_64_tasks(&stores, move |store, i| async move {
        let to = StoreKey::digest(&[i]);
        store
            .rename(&key(), &to, &NewRecord::new(&[i]), minute(), version)
            .await
            .unwrap()
    })
    .await;
    let missing = outcomes
        .iter()
        .filter(|outcome| **outcome == SetOutcome::Missing);
    assert_eq!(missing.count(), 63);
    assert_eq!(stores[1].count().await.unwrap(), 1);
    assert!(!stores[1].exists(&key()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_that_races_with_renames_is_never_undone() {
    let (_folder, stores) = two_stores().await;
    for _ in 0..20 {
        let version = create(&stores[0], b"").await.unwrap();
        let outcomes = on_64_tasks(&stores, move |store, i| async move {
            if i == 32 {
                return store.delete(&key()).await.unwrap();
            }
            let to = StoreKey::digest(&[i]);
            let renamed = store
                .rename(&key(), &to, &NewRecord::new(b""), minute(), version)
                .await;
            matches!(renamed.unwrap(), SetOutcome::Stored(_))
        })
        .await;
        // Either the one or one of the others: never both, never none.
        assert_eq!(outcomes.into_iter().filter(|won| *won).count(), 1);
        stores[0].delete_all().await.unwrap();
    }
}

#[tokio::test]
async fn what_one_does_the_other_sees() {
    let (_folder, stores) = two_stores().await;
    let record = NewRecord::new(b"data").owner(Some("alice"));
    let _ = stores[0]
        .set(&key(), &record, minute(), Precondition::Absent)
        .await
        .unwrap();
    assert_eq!(stores[1].list("alice").await.unwrap()[0].key, key());
    assert!(stores[1].delete(&key()).await.unwrap());
    assert!(!stores[0].delete(&key()).await.unwrap());
    assert_eq!(stores[0].get(&key()).await.unwrap(), None);
}

/// The one opens the file by itself, the other through one pool for all, as an application might.
async fn two_stores() -> (TempDir, Arc<[SqliteStore; 2]>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let one = SqliteStore::open(&path).await.unwrap();
    let pool = SqlitePoolOptions::new().max_connections(4);
    let pool = pool
        .connect_with(SqliteConnectOptions::new().filename(&path))
        .await
        .unwrap();
    (folder, Arc::new([one, SqliteStore::from_pool(pool)]))
}

/// Runs 64 tasks, 32 on each store.
async fn on_64_tasks<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    stores: &Arc<[SqliteStore; 2]>,
    task: impl Fn(SqliteStore, u8) -> F,
) -> Vec<T> {
    let mut tasks = JoinSet::new();
    for i in 0..64 {
        tasks.spawn(task(stores[usize::from(i % 2)].clone(), i));
    }
    tasks.join_all().await
}

async fn create(store: &SqliteStore, data: &[u8]) -> Option<Version> {
    let record = NewRecord::new(data);
    match store
        .set(&key(), &record, minute(), Precondition::Absent)
        .await
        .unwrap()
    {
        SetOutcome::Stored(version) => Some(version),
        _ => None,
    }
}

fn key() -> StoreKey {
    StoreKey::digest(b"the one that all want")
}

fn minute() -> Ttl {
    Ttl::from_secs(60).unwrap()
}
