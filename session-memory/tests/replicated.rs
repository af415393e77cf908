//! A store that is read, and replicas that have what it has.

#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

mod fixture;

use std::sync::Arc;

use fixture::{LONG, far::Broken, is_stored, key, together, yielding::Yielding};
use session_core::{
    NewRecord, OnReplicaFailure, Precondition, Replicated, Store, StoreErrorKind, Timestamp,
};
use session_memory::MemoryStore;

const RECORD: NewRecord<'_> = NewRecord::new(b"x").owner(Some("ada"));

async fn set(store: &impl Store, number: usize, data: &[u8], when: Precondition) -> bool {
    let record = NewRecord::new(data).owner(Some("ada"));
    is_stored(&store.set(&key(number), &record, LONG, when).await.unwrap())
}

#[tokio::test]
async fn a_replica_has_what_the_first_store_has() {
    let (first, replica) = (MemoryStore::new(), MemoryStore::new());
    let store = Replicated::new(first.clone(), [replica.clone()], OnReplicaFailure::Fail);
    let began = Timestamp::from_unix_millis(1_700_000_000_000);
    let record = RECORD.created_at(Some(began));
    let created = store
        .set(&key(1), &record, LONG, Precondition::Absent)
        .await;
    assert!(is_stored(&created.unwrap()));
    let version = store.get(&key(1)).await.unwrap().unwrap().version;
    let record = NewRecord::new(b"moved")
        .owner(Some("ada"))
        .created_at(Some(began));
    let renamed = store.rename(&key(1), &key(2), &record, LONG, version).await;
    assert!(is_stored(&renamed.unwrap()));
    for store in [&first, &replica] {
        assert!(store.get(&key(1)).await.unwrap().is_none());
        let moved = store.get(&key(2)).await.unwrap().unwrap();
        assert_eq!((&moved.data[..], moved.created_at), (&b"moved"[..], began));
        assert_eq!(moved.owner.as_deref(), Some("ada"));
    }
    assert!(store.delete(&key(2)).await.unwrap());
    assert!(replica.get(&key(2)).await.unwrap().is_none());
    // A write that is refused is no write there.
    assert!(!set(&store, 2, b"late", Precondition::Version(version)).await);
    assert!(replica.get(&key(2)).await.unwrap().is_none());
}

/// As long as it lives, and however late the replica came.
#[tokio::test]
async fn a_replica_learns_when_a_session_began() {
    let (first, replica) = (MemoryStore::new(), MemoryStore::new());
    let began = Timestamp::from_unix_millis(1_700_000_000_000);
    let record = RECORD.created_at(Some(began));
    let created = first
        .set(&key(1), &record, LONG, Precondition::Absent)
        .await;
    assert!(is_stored(&created.unwrap()));
    let store = Replicated::new(first, [replica.clone()], OnReplicaFailure::Fail);
    let version = store.get(&key(1)).await.unwrap().unwrap().version;
    assert!(set(&store, 1, b"later", Precondition::Version(version)).await);
    let found = replica.get(&key(1)).await.unwrap().unwrap();
    assert_eq!((&found.data[..], found.created_at), (&b"later"[..], began));
}

#[tokio::test]
async fn a_failing_replica_fails_the_operation_or_is_counted() {
    let stores = || -> [Arc<dyn Store>; 3] {
        [
            Arc::new(MemoryStore::new()),
            Arc::new(Broken),
            Arc::new(MemoryStore::new()),
        ]
    };
    for on_failure in [OnReplicaFailure::Fail, OnReplicaFailure::Log] {
        let [first, broken, last] = stores();
        let store = Replicated::new(first, [broken, last.clone()], on_failure);
        let set = store
            .set(&key(1), &RECORD, LONG, Precondition::Absent)
            .await;
        match on_failure {
            OnReplicaFailure::Fail => {
                assert_eq!(set.unwrap_err().kind(), StoreErrorKind::Unavailable);
            }
            _ => assert!(is_stored(&set.unwrap())),
        }
        assert_eq!(store.replica_failures(), 1);
        // The others are written in any case, and reads ask the first one alone.
        assert!(last.exists(&key(1)).await.unwrap());
        assert!(store.exists(&key(1)).await.unwrap());
        assert_eq!(store.replica_failures(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_agree_however_writes_meet() {
    for round in 0..40 {
        let stores = [(); 3].map(|()| Yielding::default());
        let [first, replicas @ ..] = stores.clone();
        let store = Replicated::new(first, replicas, OnReplicaFailure::Fail);
        assert!(set(&store, round, b"begun", Precondition::Any).await);
        together(8, move |task| {
            let store = store.clone();
            async move {
                for number in 0..5 {
                    if task == 7 && number == 4 && round % 2 == 0 {
                        store.delete(&key(round)).await.unwrap();
                        continue;
                    }
                    let Some(found) = store.get(&key(round)).await.unwrap() else {
                        return;
                    };
                    let when = Precondition::Version(found.version);
                    let data = [u8::try_from(task).unwrap(), number];
                    set(&store, round, &data, when).await;
                }
            }
        })
        .await;
        let mut have = Vec::new();
        for store in &stores {
            let found = store.get(&key(round)).await.unwrap();
            have.push(found.map(|record| record.data));
        }
        let [first, replicas @ ..] = &have[..] else {
            unreachable!("there are three");
        };
        assert!(replicas.iter().all(|replica| replica == first), "{have:?}");
    }
}
