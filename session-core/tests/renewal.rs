//! When a request that only reads renews the idle timeout.

use std::time::Duration;

use session_core::{Renew, ServerSideBackend, Session, TokenInstruction};

use crate::support::{SpyStore, Visitor, assert_keep, built};

const IDLE: Duration = Duration::from_secs(1000);

fn renewing(store: &SpyStore, renew: Renew) -> ServerSideBackend {
    built(store, |builder| builder.idle_timeout(IDLE).renew(renew))
}

/// A request that only reads; the calls that it took.
async fn read(
    store: &SpyStore,
    backend: &ServerSideBackend,
    visitor: &Visitor,
) -> (Session, TokenInstruction, Vec<&'static str>) {
    let session = visitor.request(backend).await;
    let told = backend.store(&session).await.unwrap();
    (session, told, store.calls())
}

#[tokio::test]
async fn throttled_renews_once_in_a_tenth_of_the_idle_timeout() {
    let store = SpyStore::default();
    let backend = renewing(&store, Renew::Throttled);
    let visitor = Visitor::new(&store, &backend).await;
    store.advance(IDLE / 10 - Duration::from_secs(5));
    let (_, told, calls) = read(&store, &backend, &visitor).await;
    assert_keep(&told);
    assert_eq!(calls, ["get"]);
    store.advance(Duration::from_secs(5));
    let (session, told, calls) = read(&store, &backend, &visitor).await;
    // A late response must not bring back a token that was replaced since.
    assert_keep(&told);
    assert_eq!(calls, ["get", "expire"]);
    assert!(session.expires_in().unwrap() > IDLE - Duration::from_secs(5));
    for _ in 0..50 {
        let (_, told, calls) = read(&store, &backend, &visitor).await;
        assert_keep(&told);
        assert_eq!(calls, ["get"]);
    }
}

#[tokio::test]
async fn every_request_renews_on_each() {
    let store = SpyStore::default();
    let backend = renewing(&store, Renew::EveryRequest);
    let visitor = Visitor::new(&store, &backend).await;
    for _ in 0..3 {
        store.advance(Duration::from_millis(10));
        let (_, told, calls) = read(&store, &backend, &visitor).await;
        assert_keep(&told);
        assert_eq!(calls, ["get", "expire"]);
    }
}

#[tokio::test]
async fn never_renews_only_by_a_write() {
    let store = SpyStore::default();
    let backend = renewing(&store, Renew::Never);
    let visitor = Visitor::new(&store, &backend).await;
    store.advance(IDLE - Duration::from_secs(10));
    let (session, told, calls) = read(&store, &backend, &visitor).await;
    assert_keep(&told);
    assert_eq!(calls, ["get"]);
    assert!(session.expires_in().unwrap() <= Duration::from_secs(10));
    visitor.put(&backend, "n", 1).await;
    let session = visitor.request(&backend).await;
    assert!(session.expires_in().unwrap() > IDLE - Duration::from_secs(10));
    store.advance(IDLE);
    assert!(visitor.request(&backend).await.is_new());
}

#[tokio::test]
async fn after_renews_once_that_time_has_passed() {
    let store = SpyStore::default();
    let backend = renewing(&store, Renew::After(Duration::from_secs(300)));
    let visitor = Visitor::new(&store, &backend).await;
    store.advance(Duration::from_secs(290));
    assert_eq!(read(&store, &backend, &visitor).await.2, ["get"]);
    store.advance(Duration::from_secs(10));
    assert_eq!(read(&store, &backend, &visitor).await.2, ["get", "expire"]);
    assert_eq!(read(&store, &backend, &visitor).await.2, ["get"]);
}

#[tokio::test]
async fn an_active_session_outlives_its_idle_timeout_and_an_idle_one_does_not() {
    let store = SpyStore::default();
    let backend = renewing(&store, Renew::default());
    let visitor = Visitor::new(&store, &backend).await;
    for _ in 0..8 {
        store.advance(IDLE / 2);
        assert_eq!(visitor.sees(&backend, "n").await, Some(0));
        read(&store, &backend, &visitor).await;
    }
    store.advance(IDLE);
    assert!(visitor.request(&backend).await.is_new());
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn renewal_never_writes_data() {
    let store = SpyStore::default();
    let backend = renewing(&store, Renew::EveryRequest);
    let visitor = Visitor::new(&store, &backend).await;
    let before = store.only_bytes();
    store.advance(IDLE / 2);
    let session = visitor.request(&backend).await;
    visitor.put(&backend, "n", 7).await;
    backend.store(&session).await.unwrap();
    assert_ne!(store.only_bytes(), before);
    assert_eq!(visitor.sees(&backend, "n").await, Some(7));
}
