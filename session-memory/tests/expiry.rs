//! Time: exact ends, renewals, and the purge.

mod fixture;

use std::time::{Duration, Instant};

use fixture::{LONG, key, millis, put, put_for};
use session_core::{
    Maintain as _, NewRecord, OwnerIndex as _, Precondition, SetOutcome, Store as _,
};
use session_memory::MemoryStore;

async fn past(ttl: u64) {
    tokio::time::sleep(Duration::from_millis(ttl + 1)).await;
}

#[tokio::test]
async fn expired_is_absent_for_every_method_though_nothing_was_purged() {
    let store = MemoryStore::new();
    let version = put_for(&store, &key(0), b"x", Some("alice"), millis(1)).await;
    past(1).await;
    let record = NewRecord::new(b"y");
    assert_eq!(store.get(&key(0)).await.unwrap(), None);
    assert!(!store.exists(&key(0)).await.unwrap());
    assert_eq!(store.ttl(&key(0)).await.unwrap(), None);
    assert!(!store.expire(&key(0), LONG).await.unwrap());
    assert!(store.list("alice").await.unwrap().is_empty());
    assert_eq!(store.delete_owner("alice", None).await.unwrap(), 0);
    assert_eq!(store.count().await.unwrap(), 0);
    let when = Precondition::Version(version);
    let set = store.set(&key(0), &record, LONG, when).await.unwrap();
    assert_eq!(set, SetOutcome::Missing);
    let renamed = store
        .rename(&key(0), &key(1), &record, LONG, version)
        .await
        .unwrap();
    assert_eq!(renamed, SetOutcome::Missing);
    assert!(!store.delete(&key(0)).await.unwrap());
}

#[tokio::test]
async fn a_record_lives_to_its_last_millisecond_and_no_longer() {
    let store = MemoryStore::new();
    let before = Instant::now();
    put(&store, &key(0), b"x", millis(20)).await;
    let after = Instant::now();
    loop {
        let asked = Instant::now();
        let living = store.exists(&key(0)).await.unwrap();
        let answered = Instant::now();
        if answered < before + Duration::from_millis(20) {
            assert!(living);
        }
        if asked >= after + Duration::from_millis(20) {
            assert!(!living);
            break;
        }
    }
}

#[tokio::test]
async fn a_renewed_record_outlives_its_first_deadline_and_every_purge() {
    let store = MemoryStore::new();
    put(&store, &key(0), b"x", millis(5)).await;
    put(&store, &key(1), b"x", millis(5)).await;
    // Whether they made it in time depends on the machine; that they agree does not.
    let expired = store.expire(&key(0), LONG).await.unwrap();
    let stored = {
        let version = store
            .get(&key(1))
            .await
            .unwrap()
            .map(|record| record.version);
        match version {
            Some(version) => {
                let when = Precondition::Version(version);
                let record = NewRecord::new(b"y");
                let set = store.set(&key(1), &record, LONG, when).await.unwrap();
                matches!(set, SetOutcome::Stored(_))
            }
            None => false,
        }
    };
    past(5).await;
    let living = u64::from(expired) + u64::from(stored);
    assert_eq!(store.purge_expired(10).await.unwrap(), 2 - living);
    assert_eq!(store.exists(&key(0)).await.unwrap(), expired);
    assert_eq!(store.exists(&key(1)).await.unwrap(), stored);
    assert_eq!(store.count().await.unwrap(), living);
}

#[tokio::test]
async fn a_shortened_life_is_purged_at_its_new_end() {
    let store = MemoryStore::new();
    put(&store, &key(0), b"x", LONG).await;
    put(&store, &key(1), b"x", LONG).await;
    put(&store, &key(2), b"x", LONG).await;
    assert!(store.expire(&key(0), millis(1)).await.unwrap());
    put(&store, &key(1), b"y", millis(1)).await;
    put(&store, &key(2), &[0; 5000], millis(1)).await;
    past(1).await;
    assert_eq!(store.purge_expired(10).await.unwrap(), 3);
}

#[tokio::test]
async fn a_purge_takes_no_more_than_its_limit_and_says_when_it_is_done() {
    let store = MemoryStore::new();
    for number in 0..1000 {
        let ttl = if number % 4 == 0 { LONG } else { millis(1) };
        put_for(&store, &key(number), b"x", Some("alice"), ttl).await;
    }
    past(1).await;
    assert_eq!(store.purge_expired(0).await.unwrap(), 0);
    for _ in 0..7 {
        assert_eq!(store.purge_expired(100).await.unwrap(), 100);
        assert_eq!(store.count().await.unwrap(), 250);
    }
    assert_eq!(store.purge_expired(100).await.unwrap(), 50);
    assert_eq!(store.purge_expired(100).await.unwrap(), 0);
    assert_eq!(store.list("alice").await.unwrap().len(), 250);
}

#[tokio::test]
async fn an_expired_key_can_be_created_anew_and_begins_anew() {
    let store = MemoryStore::new();
    let old = put_for(&store, &key(0), b"x", Some("alice"), millis(1)).await;
    let created = store.list("alice").await.unwrap();
    past(1).await;
    let record = NewRecord::new(b"y");
    let outcome = store
        .set(&key(0), &record, LONG, Precondition::Absent)
        .await
        .unwrap();
    let SetOutcome::Stored(version) = outcome else {
        panic!("{outcome:?}");
    };
    assert_ne!(version, old);
    let record = store.get(&key(0)).await.unwrap().unwrap();
    assert_eq!((record.data.as_ref(), record.owner), (&b"y"[..], None));
    if let Some(created) = created.first() {
        assert!(record.created_at > created.record.created_at);
    }
    assert!(store.list("alice").await.unwrap().is_empty());
    assert_eq!(store.purge_expired(10).await.unwrap(), 0);
}

#[tokio::test]
async fn later_writes_keep_when_a_record_was_created() {
    let store = MemoryStore::new();
    put(&store, &key(0), b"x", LONG).await;
    let first = store.get(&key(0)).await.unwrap().unwrap();
    past(2).await;
    for data in [&[1; 3][..], &[2; 3000]] {
        put_for(&store, &key(0), data, Some("alice"), LONG).await;
        let now = store.get(&key(0)).await.unwrap().unwrap();
        assert_eq!(now.created_at, first.created_at);
        assert!(now.age >= Duration::from_millis(2));
    }
}

#[tokio::test]
async fn a_purge_that_is_cut_off_has_purged_whole_records() {
    let store = MemoryStore::new();
    for number in 0..2_000 {
        put_for(&store, &key(number), b"x", Some("alice"), millis(1)).await;
    }
    past(1).await;
    {
        let purge = store.purge_expired(u32::MAX);
        let mut purge = std::pin::pin!(purge);
        let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
        assert!(purge.as_mut().poll(context).is_pending());
    }
    let rest = store.purge_expired(u32::MAX).await.unwrap();
    assert!(rest > 0 && rest < 2_000, "{rest}");
    assert_eq!(store.purge_expired(1).await.unwrap(), 0);
}
