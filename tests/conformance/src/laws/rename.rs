//! R: moving a record to another key.

use std::collections::HashSet;

use session_core::{NewRecord, Precondition, Record, SetOutcome, Store, StoreKey, Timestamp};

use crate::{
    Tested,
    steps::{LONG, LONGER, SHORTER, Steps as _, key, numbered, owned},
};

const MOVED: NewRecord<'_> = owned(b"moved", "bob");

/// R1: `rename` moves: `to` holds the new record at the returned version, `from` is gone.
pub async fn rename_moves(store: Tested<dyn Store>) {
    let (from, to) = (key("from"), key("to"));
    let version = store.put_owned(&from, "ada").await;
    let outcome = store.try_rename(&from, &to, &MOVED, version).await;
    let record = store.found(&to).await;
    assert_eq!(outcome, SetOutcome::Stored(record.version));
    assert_eq!(record.data, MOVED.data);
    assert_eq!(record.owner.as_deref(), MOVED.owner);
    store.assert_gone(&from).await;
}

/// R2: `rename` gives `to` the `created_at` of the new record; without one, now.
pub async fn rename_gives_created_at(store: Tested<dyn Store>) {
    let then = Timestamp::from_unix_millis(1_000_000_000_123);
    let old = NewRecord::new(b"x").created_at(Some(then));
    let version = store.write(&key("a"), &old, LONG, Precondition::Any).await;
    let record = MOVED.created_at(Some(then));
    let outcome = store
        .try_rename(&key("a"), &key("b"), &record, version)
        .await;
    let SetOutcome::Stored(version) = outcome else {
        panic!("the first rename was refused");
    };
    assert_eq!(store.found(&key("b")).await.created_at, then);
    let outcome = store
        .try_rename(&key("b"), &key("c"), &MOVED, version)
        .await;
    assert!(matches!(outcome, SetOutcome::Stored(_)));
    assert_ne!(store.found(&key("c")).await.created_at, then);
}

/// R3: `rename` gives `to` the given time to live.
pub async fn rename_gives_the_time_to_live(store: Tested<dyn Store>) {
    for (index, ttl) in [SHORTER, LONG, LONGER].into_iter().enumerate() {
        let (from, to) = (key("from"), numbered(index));
        let version = store.put(&from, b"x").await;
        let outcome = store
            .rename(&from, &to, &MOVED, ttl, version)
            .await
            .unwrap();
        assert!(matches!(outcome, SetOutcome::Stored(_)));
        store.assert_left(&to, ttl).await;
    }
}

/// R4: `rename` at another version is `Conflict` and changes nothing.
pub async fn rename_at_another_version_conflicts(store: Tested<dyn Store>) {
    let (from, to) = (key("from"), key("to"));
    let stale = store.put_owned(&from, "ada").await;
    store.put_owned(&from, "ada").await;
    let before = store.found(&from).await;
    let outcome = store
        .rename(&from, &to, &MOVED, LONGER, stale)
        .await
        .unwrap();
    assert_eq!(outcome, SetOutcome::Conflict);
    assert_same(&store, &from, &before).await;
    store.assert_gone(&to).await;
}

/// R5: `rename` of an absent key is `Missing`, and `to` does not exist.
pub async fn rename_of_absent_is_missing(store: Tested<dyn Store>) {
    let version = store.put(&key("another"), b"x").await;
    let outcome = store
        .try_rename(&key("absent"), &key("to"), &MOVED, version)
        .await;
    assert_eq!(outcome, SetOutcome::Missing);
    store.assert_gone(&key("absent")).await;
    store.assert_gone(&key("to")).await;
}

/// R6: `rename` of a deleted record is `Missing`, and `to` does not exist.
pub async fn rename_of_deleted_is_missing(store: Tested<dyn Store>) {
    let (from, to) = (key("deleted"), key("to"));
    let version = store.put(&from, b"x").await;
    store.delete(&from).await.unwrap();
    let outcome = store.try_rename(&from, &to, &MOVED, version).await;
    assert_eq!(outcome, SetOutcome::Missing);
    store.assert_gone(&from).await;
    store.assert_gone(&to).await;
}

/// R7: `rename` onto a living key is `Conflict` and changes neither record.
pub async fn rename_onto_the_living_conflicts(store: Tested<dyn Store>) {
    let (from, to) = (key("from"), key("to"));
    let version = store.put_owned(&from, "ada").await;
    store.put_owned(&to, "cleo").await;
    let (source, target) = (store.found(&from).await, store.found(&to).await);
    let outcome = store
        .rename(&from, &to, &MOVED, LONGER, version)
        .await
        .unwrap();
    assert_eq!(outcome, SetOutcome::Conflict);
    assert_same(&store, &from, &source).await;
    assert_same(&store, &to, &target).await;
}

/// R8: `rename` onto an expired key works.
pub async fn rename_onto_expired_works(store: Tested<dyn Store>) {
    let (from, to) = (key("from"), key("expired"));
    store.let_expire(&to, &owned(b"old", "cleo")).await;
    let version = store.put(&from, b"x").await;
    let outcome = store.try_rename(&from, &to, &MOVED, version).await;
    let record = store.found(&to).await;
    assert_eq!(outcome, SetOutcome::Stored(record.version));
    assert_eq!(record.data, MOVED.data);
    store.assert_gone(&from).await;
}

/// R9: `rename` of a living record onto itself is `Conflict` and changes nothing.
pub async fn rename_onto_itself_conflicts(store: Tested<dyn Store>) {
    let key = key("itself");
    let version = store.put_owned(&key, "ada").await;
    let before = store.found(&key).await;
    let outcome = store
        .rename(&key, &key, &MOVED, LONGER, version)
        .await
        .unwrap();
    assert_eq!(outcome, SetOutcome::Conflict);
    assert_same(&store, &key, &before).await;
}

/// R10: `rename` gives `to` a version that it never had.
pub async fn rename_gives_a_new_version(store: Tested<dyn Store>) {
    let (mut from, mut to) = (key("here"), key("there"));
    let mut version = store.put(&from, b"x").await;
    let mut seen = HashSet::from([version]);
    for _ in 0..16 {
        let outcome = store.try_rename(&from, &to, &MOVED, version).await;
        let SetOutcome::Stored(next) = outcome else {
            panic!("nothing stands in its way");
        };
        assert!(seen.insert(next), "seen before");
        version = next;
        (from, to) = (to, from);
    }
}

/// R11: `rename` leaves other keys alone.
pub async fn rename_leaves_other_keys_alone(store: Tested<dyn Store>) {
    let mut before = Vec::new();
    for index in 0..8 {
        store.put_owned(&numbered(index), "ada").await;
        before.push(store.found(&numbered(index)).await);
    }
    let version = before[3].version;
    let outcome = store
        .try_rename(&numbered(3), &key("to"), &MOVED, version)
        .await;
    assert!(matches!(outcome, SetOutcome::Stored(_)));
    for index in (0..8).filter(|index| *index != 3) {
        assert_same(&store, &numbered(index), &before[index]).await;
    }
}

async fn assert_same(store: &Tested<dyn Store>, key: &StoreKey, before: &Record) {
    let now = store.found(key).await;
    assert_eq!(now.data, before.data);
    assert_eq!(now.owner, before.owner);
    assert_eq!(now.version, before.version);
    assert_eq!(now.created_at, before.created_at);
    assert!(
        now.expires_in <= before.expires_in,
        "no more time than before"
    );
    store.assert_left(key, LONG).await;
}
