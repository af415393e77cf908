//! What a `Cached` costs, and how late it may be.

mod fixture;

use std::time::{Duration, Instant};

use fixture::{
    LONG,
    far::{Broken, Far},
    is_stored, key, millis, put, put_for,
};
use session_core::{
    Cached, Maintain as _, NewRecord, OwnerIndex as _, Precondition, SetOutcome, Store as _, Ttl,
};
use session_memory::MemoryStore;
use tokio::time::sleep;

const RECORD: NewRecord<'_> = NewRecord::new(b"x");

fn cached(far: &Far, max_staleness: Ttl) -> Cached<MemoryStore, Far> {
    Cached::new(MemoryStore::new(), far.clone(), max_staleness)
}

#[tokio::test]
async fn a_hit_costs_nothing_and_all_else_one_operation() {
    let far = Far::default();
    let store = cached(&far, LONG);
    let stored = store
        .set(&key(0), &RECORD, LONG, Precondition::Absent)
        .await;
    assert!(is_stored(&stored.unwrap()));
    assert_eq!(far.operations(), 1);
    for operations in [1, 0, 0] {
        assert!(store.get(&key(0)).await.unwrap().is_some());
        assert_eq!(far.operations(), operations);
    }
    assert!(store.exists(&key(0)).await.unwrap());
    assert!(store.ttl(&key(0)).await.unwrap().is_some());
    assert_eq!(far.operations(), 0);
    assert_eq!((store.hits(), store.misses()), (4, 1));

    assert!(store.expire(&key(0), LONG).await.unwrap());
    assert_eq!(far.operations(), 1);
    assert!(store.exists(&key(0)).await.unwrap());
    assert!(store.ttl(&key(0)).await.unwrap().is_some());
    assert_eq!(far.operations(), 2);
    let version = store.get(&key(0)).await.unwrap().unwrap().version;
    assert_eq!(far.operations(), 1);
    let renamed = store.rename(&key(0), &key(1), &RECORD, LONG, version).await;
    assert!(is_stored(&renamed.unwrap()));
    assert!(store.delete(&key(1)).await.unwrap());
    assert_eq!(far.operations(), 2);
    for absent in [0, 1, 1] {
        assert!(store.get(&key(absent)).await.unwrap().is_none());
        assert_eq!(far.operations(), 1);
    }
}

#[tokio::test]
async fn a_hit_is_the_far_record_as_it_is_by_now() {
    let far = Far::default();
    let store = cached(&far, LONG);
    put_for(&far.store, &key(0), b"data", Some("ada"), millis(60_000)).await;
    sleep(Duration::from_millis(20)).await;
    let miss = store.get(&key(0)).await.unwrap().unwrap();
    sleep(Duration::from_millis(20)).await;
    let hit = store.get(&key(0)).await.unwrap().unwrap();
    let truth = far.store.get(&key(0)).await.unwrap().unwrap();
    assert_eq!(store.hits(), 1);
    assert_eq!((&hit.data, &hit.owner), (&truth.data, &truth.owner));
    assert_eq!(
        (hit.version, hit.created_at),
        (truth.version, truth.created_at)
    );
    assert!(hit.age >= miss.age + Duration::from_millis(20), "{hit:?}");
    assert!(
        hit.expires_in + Duration::from_millis(20) <= miss.expires_in,
        "{hit:?}"
    );
    assert!(
        truth.expires_in < hit.expires_in + Duration::from_millis(50),
        "{hit:?}"
    );
}

#[tokio::test]
async fn a_hit_ends_before_the_record_does() {
    let far = Far::default();
    let store = cached(&far, LONG);
    put(&far.store, &key(0), b"x", millis(50)).await;
    while let Some(record) = store.get(&key(0)).await.unwrap() {
        if far.operations() == 0 {
            assert!(record.expires_in >= Duration::from_millis(5), "{record:?}");
        }
    }
    assert!(store.hits() > 0);
}

#[tokio::test]
async fn a_write_by_another_is_seen_after_the_stated_time() {
    let far = Far::default();
    let [one, other] = [(); 2].map(|()| cached(&far, millis(100)));
    for round in 0..5 {
        let old = put(&far.store, &key(round), b"old", LONG).await;
        assert_eq!(one.get(&key(round)).await.unwrap().unwrap().version, old);
        other.delete(&key(round)).await.unwrap();
        let deleted = Instant::now();
        // A logout on another node: late by no more than that.
        loop {
            let asked = deleted.elapsed();
            let found = one.get(&key(round)).await.unwrap();
            assert!(
                found.is_none() || asked < Duration::from_millis(100),
                "{asked:?}"
            );
            if found.is_none() {
                break;
            }
        }
    }
    assert!(one.hits() > 0);
}

#[tokio::test]
async fn what_was_read_too_late_overwrites_nothing_and_the_next_read_is_fresh() {
    let far = Far::default();
    let store = cached(&far, LONG);
    let old = put(&far.store, &key(0), b"old", LONG).await;
    store.get(&key(0)).await.unwrap();
    let new = put(&far.store, &key(0), b"new", LONG).await;
    let stale = store.get(&key(0)).await.unwrap().unwrap().version;
    assert_eq!(stale, old);
    let when = Precondition::Version(stale);
    let late = store.set(&key(0), &RECORD, LONG, when).await.unwrap();
    assert_eq!(late, SetOutcome::Conflict);
    let fresh = store.get(&key(0)).await.unwrap().unwrap();
    assert_eq!((fresh.version, &*fresh.data), (new, &b"new"[..]));
}

#[tokio::test]
async fn deleting_an_owner_ends_what_is_near() {
    let far = Far::default();
    let store = cached(&far, LONG);
    put_for(&far.store, &key(0), b"x", Some("ada"), LONG).await;
    assert!(store.get(&key(0)).await.unwrap().is_some());
    assert_eq!(store.clone().delete_owner("ada", None).await.unwrap(), 1);
    assert!(store.get(&key(0)).await.unwrap().is_none());
}

#[tokio::test]
async fn sweeping_sweeps_the_near_store_too() {
    let near = MemoryStore::new();
    let store = Cached::new(near.clone(), MemoryStore::new(), millis(10));
    for number in 0..3 {
        let key = key(number);
        let stored = store.set(&key, &RECORD, LONG, Precondition::Any).await;
        assert!(is_stored(&stored.unwrap()));
        assert!(store.get(&key).await.unwrap().is_some());
    }
    sleep(Duration::from_millis(12)).await;
    assert_eq!(store.purge_expired(1).await.unwrap(), 0);
    assert_eq!(near.purge_expired(9).await.unwrap(), 0);
    assert_eq!(store.count().await.unwrap(), 3);
    assert_eq!(store.delete_all().await.unwrap(), 3);
}

#[tokio::test]
async fn a_broken_near_store_is_a_miss() {
    let far = Far::default();
    let store = Cached::new(Broken, far.clone(), LONG);
    let stored = store
        .set(&key(0), &RECORD, LONG, Precondition::Absent)
        .await;
    assert!(is_stored(&stored.unwrap()));
    for _ in 0..3 {
        let version = store.get(&key(0)).await.unwrap().unwrap().version;
        let renamed = store.rename(&key(0), &key(1), &RECORD, LONG, version).await;
        assert!(is_stored(&renamed.unwrap()));
        let version = store.get(&key(1)).await.unwrap().unwrap().version;
        let renamed = store.rename(&key(1), &key(0), &RECORD, LONG, version).await;
        assert!(is_stored(&renamed.unwrap()));
    }
    assert!(store.delete(&key(0)).await.unwrap());
    assert_eq!(far.operations(), 1 + 3 * 4 + 1);
    assert_eq!((store.hits(), store.misses()), (0, 6));
}

#[tokio::test]
async fn a_near_store_shared_by_mistake_answers_nothing_foreign() {
    let (near, one, other) = (MemoryStore::new(), Far::default(), Far::default());
    put(&one.store, &key(0), b"one", LONG).await;
    put(&other.store, &key(0), b"other", LONG).await;
    let [one, other] = [one, other].map(|far| Cached::new(near.clone(), far, LONG));
    for _ in 0..3 {
        assert_eq!(one.get(&key(0)).await.unwrap().unwrap().data, "one");
        assert_eq!(other.get(&key(0)).await.unwrap().unwrap().data, "other");
    }
}
