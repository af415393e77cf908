//! G: reading.

use std::time::{Duration, Instant};

use session_core::{NewRecord, Precondition, Store};
use tokio::time::sleep;

use crate::{
    Tested,
    steps::{LONG, SLACK, Steps as _, key, owned},
};

/// G1: `get` of an absent key is `None`.
pub async fn absent_key_is_none(store: Tested<dyn Store>) {
    store.assert_gone(&key("never set")).await;
    store.put(&key("another"), b"x").await;
    store.assert_gone(&key("never set")).await;
}

/// G2: `get` leaves the time to live as it is.
pub async fn get_leaves_the_time_to_live(store: Tested<dyn Store>) {
    let key = key("read often");
    store.put(&key, b"x").await;
    let written = Instant::now();
    sleep(Duration::from_millis(10)).await;
    store.found(&key).await;
    let elapsed = written.elapsed();
    let left = store.found(&key).await.expires_in;
    assert!(left + elapsed <= LONG.as_duration() + SLACK, "{left:?}");
}

/// G3: `get` leaves the record as it is, its version included.
pub async fn get_leaves_the_record(store: Tested<dyn Store>) {
    let key = key("read often");
    let version = store.put_owned(&key, "ada").await;
    let first = store.found(&key).await;
    for _ in 0..3 {
        let again = store.found(&key).await;
        assert_eq!(again.data, first.data);
        assert_eq!(again.owner, first.owner);
        assert_eq!(again.version, version);
        assert_eq!(again.created_at, first.created_at);
    }
    store
        .write(
            &key,
            &NewRecord::new(b"y"),
            LONG,
            Precondition::Version(version),
        )
        .await;
}

/// G4: `get` returns the version that `set` returned.
pub async fn get_returns_the_version_of_the_set(store: Tested<dyn Store>) {
    let (key, record) = (key("versioned"), owned(b"x", "ada"));
    let created = store.write(&key, &record, LONG, Precondition::Absent).await;
    assert_eq!(store.found(&key).await.version, created);
    let replaced = store.write(&key, &record, LONG, Precondition::Any).await;
    assert_eq!(store.found(&key).await.version, replaced);
    let swapped = Precondition::Version(replaced);
    let swapped = store.write(&key, &record, LONG, swapped).await;
    assert_eq!(store.found(&key).await.version, swapped);
}

/// G5: `exists` is true for a living record and false for an absent or deleted one.
pub async fn exists_says_what_get_says(store: Tested<dyn Store>) {
    let key = key("here or not");
    assert!(!store.exists(&key).await.unwrap());
    store.put(&key, b"").await;
    assert!(store.exists(&key).await.unwrap());
    store.delete(&key).await.unwrap();
    assert!(!store.exists(&key).await.unwrap());
}

/// G6: `ttl` is the time left that `get` returns, and `None` for an absent key.
pub async fn ttl_says_what_get_says(store: Tested<dyn Store>) {
    let key = key("timed");
    assert_eq!(store.ttl(&key).await.unwrap(), None);
    store.put(&key, b"x").await;
    let started = Instant::now();
    let before = store.found(&key).await.expires_in;
    let left = store.ttl(&key).await.unwrap().expect("a time left");
    assert!(left <= before, "{left:?} of {before:?}");
    assert!(
        left + started.elapsed() + SLACK >= before,
        "{left:?} of {before:?}"
    );
}

/// G7: `exists` and `ttl` change nothing.
pub async fn exists_and_ttl_change_nothing(store: Tested<dyn Store>) {
    let key = key("asked often");
    let version = store.put(&key, b"x").await;
    let written = Instant::now();
    sleep(Duration::from_millis(10)).await;
    assert!(store.exists(&key).await.unwrap());
    assert!(store.ttl(&key).await.unwrap().is_some());
    let elapsed = written.elapsed();
    let record = store.found(&key).await;
    assert!(
        record.expires_in + elapsed <= LONG.as_duration() + SLACK,
        "{record:?}"
    );
    assert_eq!((record.version, &*record.data), (version, &b"x"[..]));
}
