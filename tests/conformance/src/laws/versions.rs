//! V: the version of a write.

use std::collections::HashSet;

use session_core::{NewRecord, Precondition, SetOutcome, Store};

use crate::{
    Tested,
    steps::{LONG, Steps as _, key, owned, race},
};

/// V1: Every `set` gives a version that the key never had.
pub async fn every_set_gives_a_new_version(store: Tested<dyn Store>) {
    let key = key("rewritten");
    let mut seen = HashSet::new();
    for round in 0..64_u8 {
        assert!(seen.insert(store.put(&key, &[round]).await), "seen before");
    }
}

/// V2: A `set` of equal content is a write too and gives a new version.
pub async fn equal_content_gives_a_new_version(store: Tested<dyn Store>) {
    let (key, record) = (key("same again"), owned(b"same", "ada"));
    let first = store.write(&key, &record, LONG, Precondition::Any).await;
    let when = Precondition::Version(first);
    let second = store.write(&key, &record, LONG, when).await;
    assert_ne!(first, second);
    let late = store.set(&key, &record, LONG, when).await.unwrap();
    assert_eq!(late, SetOutcome::Conflict);
}

/// V3: No version returns after the record was deleted and created again.
pub async fn no_version_returns_after_delete(store: Tested<dyn Store>) {
    let key = key("many lives");
    let mut seen = HashSet::new();
    for _ in 0..16 {
        assert!(seen.insert(store.put(&key, b"same").await), "seen before");
        assert!(seen.insert(store.put(&key, b"same").await), "seen before");
        assert!(store.delete(&key).await.unwrap());
    }
}

/// V4: No version returns after the record expired and was created again.
pub async fn no_version_returns_after_expiry(store: Tested<dyn Store>) {
    let key = key("two lives");
    let first = store.let_expire(&key, &NewRecord::new(b"same")).await;
    let second = store.put(&key, b"same").await;
    assert_ne!(first, second);
    let late = store.try_put(&key, b"late", Precondition::Version(first));
    assert_eq!(late.await, SetOutcome::Conflict);
}

/// V5: Concurrent writes of one key all get different versions.
pub async fn concurrent_writes_get_different_versions(store: Tested<dyn Store>) {
    let key = key("busy");
    let versions = race(32, |_| {
        let store = store.clone();
        async move { store.put(&key, b"same").await }
    });
    let versions = versions.await.into_iter().collect::<HashSet<_>>();
    assert_eq!(versions.len(), 32);
    assert!(versions.contains(&store.found(&key).await.version));
}
