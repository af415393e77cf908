//! `get`, `set` and `delete` on the stored bytes of one ID.

use std::time::Duration;

use session_core::{Lifetime, SessionError};

use crate::support::{SpyStore, backend, built, value};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn an_unknown_id_has_none() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let id = backend.generate_session_id().unwrap();
    assert_eq!(backend.get(&id).await.unwrap(), None);
}

#[tokio::test]
async fn bytes_come_back_as_they_went_in() {
    let store = SpyStore::default();
    let backend = backend(&store);
    for bytes in [&b""[..], b"\0\xff", &[7; 100_000]] {
        let id = backend.generate_session_id().unwrap();
        backend.set(&id, bytes).await.unwrap();
        assert_eq!(backend.get(&id).await.unwrap().unwrap(), bytes);
    }
}

#[tokio::test]
async fn set_replaces_the_bytes_and_resets_the_expiry() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let id = backend.generate_session_id().unwrap();
    backend.set(&id, b"one").await.unwrap();
    store.advance(DAY - Duration::from_secs(5));
    backend.set(&id, b"two").await.unwrap();
    store.advance(DAY - Duration::from_secs(5));
    assert_eq!(backend.get(&id).await.unwrap().unwrap(), "two");
}

#[tokio::test]
async fn deleting_is_silent_however_often() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let (id, other) = (
        backend.generate_session_id().unwrap(),
        backend.generate_session_id().unwrap(),
    );
    assert!(!backend.delete(&id).await.unwrap());
    backend.set(&id, b"one").await.unwrap();
    backend.set(&other, b"two").await.unwrap();
    assert!(backend.delete(&id).await.unwrap());
    assert!(!backend.delete(&id).await.unwrap());
    assert_eq!(backend.get(&id).await.unwrap(), None);
    assert_eq!(backend.get(&other).await.unwrap().unwrap(), "two");
}

#[tokio::test]
async fn the_bytes_are_gone_at_the_timeout() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| {
        builder.idle_timeout(None).absolute_timeout(DAY)
    });
    let id = backend.generate_session_id().unwrap();
    backend.set(&id, b"one").await.unwrap();
    store.advance(DAY - Duration::from_secs(5));
    assert!(backend.get(&id).await.unwrap().is_some());
    store.advance(Duration::from_secs(5));
    assert_eq!(backend.get(&id).await.unwrap(), None);
    assert_eq!(Lifetime::default().idle(), Some(DAY));
}

#[tokio::test]
async fn reading_changes_nothing() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let id = backend.generate_session_id().unwrap();
    backend.set(&id, b"one").await.unwrap();
    store.advance(DAY - Duration::from_secs(5));
    assert!(backend.get(&id).await.unwrap().is_some());
    store.advance(Duration::from_secs(5));
    assert_eq!(backend.get(&id).await.unwrap(), None);
    assert_eq!(store.calls(), ["set", "get", "get"]);
}

#[tokio::test]
async fn too_many_bytes_are_refused() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.max_bytes(10));
    let id = backend.generate_session_id().unwrap();
    assert!(matches!(
        backend.set(&id, &[0; 11]).await,
        Err(SessionError::TooLarge {
            size: 11,
            limit: 10
        })
    ));
    backend.set(&id, &[0; 10]).await.unwrap();
    assert_eq!(store.calls(), ["set"]);
}

#[tokio::test]
async fn they_are_the_bytes_of_the_session_of_that_id() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    session.insert("n", &1).unwrap();
    let id = session.id().unwrap();
    backend.store(&session).await.unwrap();
    let bytes = backend.get(&id).await.unwrap().unwrap();
    assert_eq!(bytes, store.only_bytes());
    let copy = backend.generate_session_id().unwrap();
    backend.set(&copy, &bytes).await.unwrap();
    let text = copy.to_text();
    let session = backend.load(Some(text.as_bytes())).await.unwrap();
    assert_eq!(value(&session, "n"), Some(1));
}
