//! The byte budget, and who has to go when it is spent.

mod fixture;

use fixture::{LONG, assert_evicted, key, put, put_for, small};
use session_core::{
    Maintain as _, NewRecord, Operation, OwnerIndex as _, Precondition, SetOutcome, Store as _,
    StoreErrorKind,
};

#[tokio::test]
async fn a_full_store_takes_every_new_record() {
    let store = small(256 << 10);
    for number in 0..2000 {
        put(&store, &key(number), &[7; 500], LONG).await;
        assert!(store.exists(&key(number)).await.unwrap(), "{number}");
    }
    // 262 144 bytes hold 273 records that are charged 960 bytes each.
    let count = store.count().await.unwrap();
    assert!((200..=273).contains(&count), "{count}");
    assert_evicted(&store, 2000 - count).await;
}

#[tokio::test]
async fn the_least_recently_used_record_goes_first() {
    let store = small(10 * 1100);
    for number in 0..10 {
        put(&store, &key(number), &[7; 500], LONG).await;
    }
    assert_evicted(&store, 0).await;
    // Read and renewed, 0 and 1 are in use; 2 is the one that nobody has asked for longest.
    assert!(store.get(&key(0)).await.unwrap().is_some());
    put(&store, &key(1), &[8; 500], LONG).await;
    for number in 10..13 {
        put(&store, &key(number), &[7; 500], LONG).await;
    }
    let mut gone = Vec::new();
    for number in 0..13 {
        if !store.exists(&key(number)).await.unwrap() {
            gone.push(number);
        }
    }
    assert!(!gone.is_empty());
    assert_eq!(gone, (2..2 + gone.len()).collect::<Vec<_>>());
    assert_evicted(&store, gone.len() as u64).await;
}

#[tokio::test]
async fn the_newest_record_stays_when_two_are_too_many() {
    let store = small(10_000);
    for number in 0..50 {
        put(&store, &key(number), &[7; 8000], LONG).await;
        assert!(store.exists(&key(number)).await.unwrap());
        assert_eq!(store.count().await.unwrap(), 1);
    }
    assert_evicted(&store, 49).await;
}

#[tokio::test]
async fn a_record_that_grows_pushes_out_others_and_not_itself() {
    let store = small(20_000);
    for number in 0..10 {
        put(&store, &key(number), &[7; 500], LONG).await;
    }
    put(&store, &key(3), &[8; 18_000], LONG).await;
    let grown = store.get(&key(3)).await.unwrap().unwrap();
    assert_eq!(grown.data, vec![8; 18_000]);
    assert_eq!(store.count().await.unwrap(), 1);
    assert_evicted(&store, 9).await;
    // Shrunk again, it leaves room again.
    put(&store, &key(3), &[9; 500], LONG).await;
    for number in 0..3 {
        put(&store, &key(number), &[7; 500], LONG).await;
    }
    assert_eq!(store.count().await.unwrap(), 4);
    assert_evicted(&store, 9).await;
}

#[tokio::test]
async fn a_rename_needs_no_room_for_two() {
    let store = small(10_000);
    let version = put(&store, &key(0), &[7; 8000], LONG).await;
    let record = NewRecord::new(&[8; 8000]);
    let (from, to) = (key(0), key(1));
    let renamed = store
        .rename(&from, &to, &record, LONG, version)
        .await
        .unwrap();
    assert!(matches!(renamed, SetOutcome::Stored(_)));
    assert!(!store.exists(&from).await.unwrap());
    assert_eq!(store.get(&to).await.unwrap().unwrap().data, vec![8; 8000]);
    assert_eq!(store.count().await.unwrap(), 1);
    assert_evicted(&store, 0).await;
}

#[tokio::test]
async fn a_record_larger_than_the_budget_is_refused_and_changes_nothing() {
    let store = small(10_000);
    let version = put(&store, &key(0), b"old", LONG).await;
    let huge = vec![7; 10_000];
    let huge = NewRecord::new(&huge);
    for when in [Precondition::Any, Precondition::Version(version)] {
        let error = store.set(&key(0), &huge, LONG, when).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::TooLarge);
        assert_eq!(error.operation(), Operation::Set);
    }
    let rename = store.rename(&key(0), &key(1), &huge, LONG, version).await;
    assert_eq!(rename.unwrap_err().kind(), StoreErrorKind::TooLarge);
    let kept = store.get(&key(0)).await.unwrap().unwrap();
    assert_eq!((kept.data, kept.version), (b"old"[..].into(), version));
}

#[tokio::test]
async fn an_evicted_record_leaves_the_owner_index_and_the_count() {
    let store = small(64 << 10);
    for number in 0..1000 {
        put_for(&store, &key(number), &[7; 500], Some("alice"), LONG).await;
    }
    let listed = store.list("alice").await.unwrap();
    assert_eq!(listed.len() as u64, store.count().await.unwrap());
    for owned in &listed {
        assert!(store.exists(&owned.key).await.unwrap());
    }
    let deleted = store.delete_owner("alice", None).await.unwrap();
    assert_eq!(deleted, listed.len() as u64);
    assert_eq!(store.count().await.unwrap(), 0);
}

#[tokio::test]
async fn only_lack_of_room_counts_as_eviction() {
    let store = small(256 << 10);
    for number in 0..100 {
        put(&store, &key(number), &[7; 100], LONG).await;
        put(&store, &key(number), &[7; 1000], LONG).await;
        store.delete(&key(number)).await.unwrap();
    }
    assert_evicted(&store, 0).await;
}

/// moka takes off the charge that it was told last, though it may have added the one before.
#[tokio::test]
async fn records_that_shrink_or_grow_before_they_end_leave_no_charge_behind() {
    for (first, last) in [(6000, 100), (100, 6000)] {
        let store = small(1 << 20);
        for visit in 0..400 {
            let visitor = key(1_000_000 + visit);
            put(&store, &visitor, &vec![7; first], LONG).await;
            for other in 0..70 {
                put(&store, &key(other), b"x", LONG).await;
                store.delete(&key(other)).await.unwrap();
            }
            put(&store, &visitor, &vec![7; last], LONG).await;
            store.delete(&visitor).await.unwrap();
        }
        assert_eq!(store.count().await.unwrap(), 0);
        for number in 0..3000 {
            put(&store, &key(number), &[7; 100], LONG).await;
        }
        // 1 048 576 bytes hold 1638 records that are charged 640 bytes each.
        let count = store.count().await.unwrap();
        assert!((1600..=1640).contains(&count), "{first} {last}: {count}");
    }
}
