//! An operation whose future is dropped happened whole or not at all, and harms no other.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

use std::{
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};

use session_core::{
    Maintain, NewRecord, OwnerIndex, Precondition, SetOutcome, Store, StoreKey, Ttl, Version,
};
use session_sqlx::SqliteStore;

const OWNER: Option<&str> = Some("alice");

#[tokio::test]
async fn a_write_that_is_dropped_happened_whole_or_not_at_all() {
    let store = SqliteStore::open_in_memory().await.unwrap();
    for polls in 0..6 {
        let version = reset(&store).await;
        let new = NewRecord::new(b"new").owner(Some("bob"));
        let swap = Precondition::Version(version);
        drop_after(polls, store.set(&key("a"), &new, minute(), swap)).await;
        let record = store.get(&key("a")).await.unwrap().unwrap();
        let old = record.version == version;
        assert_eq!(
            record.data,
            if old { "old" } else { "new" },
            "{polls} polls"
        );
        assert_eq!(
            store.list("bob").await.unwrap().is_empty(),
            old,
            "{polls} polls"
        );
    }
}

#[tokio::test]
async fn a_rename_that_is_dropped_leaves_exactly_one_of_the_two() {
    let store = SqliteStore::open_in_memory().await.unwrap();
    for polls in 0..6 {
        let version = reset(&store).await;
        let new = NewRecord::new(b"new").owner(OWNER);
        drop_after(
            polls,
            store.rename(&key("a"), &key("b"), &new, minute(), version),
        )
        .await;
        let old = store.exists(&key("a")).await.unwrap();
        assert_ne!(store.exists(&key("b")).await.unwrap(), old, "{polls} polls");
        assert_eq!(store.list("alice").await.unwrap().len(), 1, "{polls} polls");
    }
}

#[tokio::test]
async fn a_removal_that_is_dropped_takes_all_or_none() {
    let store = SqliteStore::open_in_memory().await.unwrap();
    for polls in 0..6 {
        for all in [true, false] {
            reset(&store).await;
            // More rows than fit between the driver's thread and the one who reads them.
            for i in 0..200 {
                let key = key(&format!("row {i}"));
                let record = NewRecord::new(b"").owner(OWNER);
                let _ = store
                    .set(&key, &record, minute(), Precondition::Any)
                    .await
                    .unwrap();
            }
            if all {
                drop_after(polls, store.delete_all()).await;
            } else {
                drop_after(polls, store.delete_owner("alice", None)).await;
            }
            let left = store.count().await.unwrap();
            assert!(left == 0 || left == 201, "{left} after {polls} polls");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_dropped_operations_leave_the_connections_usable() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("sessions.db"))
        .await
        .unwrap();
    for i in 0..1000_u64 {
        let patience = Duration::from_micros(i % 200);
        let record = NewRecord::new(b"data").owner(OWNER);
        let key = key("a");
        let set = store.set(&key, &record, minute(), Precondition::Any);
        let _ = tokio::time::timeout(patience, set).await;
        let _ = tokio::time::timeout(patience, store.get(&key)).await;
    }
    reset(&store).await;
    assert_eq!(store.get(&key("a")).await.unwrap().unwrap().data, "old");
}

/// Polls a future so many times, giving everything else the time to get on in between, and drops
/// it.
async fn drop_after<T>(polls: usize, future: impl Future<Output = T>) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Leaves one record, under `a`.
async fn reset(store: &SqliteStore) -> Version {
    store.delete_all().await.unwrap();
    let record = NewRecord::new(b"old").owner(OWNER);
    match store
        .set(&key("a"), &record, minute(), Precondition::Absent)
        .await
        .unwrap()
    {
        SetOutcome::Stored(version) => version,
        other => panic!("not stored: {other:?}"),
    }
}

fn key(name: &str) -> StoreKey {
    StoreKey::digest(name.as_bytes())
}

fn minute() -> Ttl {
    Ttl::from_secs(60).unwrap()
}
