//! The store is down: an error, or anonymous and read-only; never an empty session over real data.

use session_core::{Outage, ServerSideBackend, Session, StoreErrorKind};

use crate::support::{
    Fault, SpyStore, Visitor, assert_keep, backend, built, lost, store_error, value,
};

fn read_only(store: &SpyStore) -> ServerSideBackend {
    built(store, |builder| builder.outage(Outage::AnonymousReadOnly))
}

/// A request that finds the store down.
async fn down(store: &SpyStore, backend: &ServerSideBackend, visitor: &Visitor) -> Session {
    store.next("get", Fault::Fail(StoreErrorKind::Unavailable));
    visitor.request(backend).await
}

#[tokio::test]
async fn fail_is_the_stores_error() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    for kind in [
        StoreErrorKind::Unavailable,
        StoreErrorKind::Timeout,
        StoreErrorKind::Other,
    ] {
        store.next("get", Fault::Fail(kind));
        let loaded = backend.load(Some(visitor.token.as_bytes())).await;
        assert_eq!(lost(loaded), kind);
    }
    assert_eq!(backend.counters().store_errors, 3);
    assert_eq!(visitor.sees(&backend, "n").await, Some(0));
}

#[tokio::test]
async fn a_visitor_without_a_token_does_not_notice() {
    let store = SpyStore::default();
    let backend = backend(&store);
    store.next("get", Fault::Fail(StoreErrorKind::Unavailable));
    let session = backend.load(None).await.unwrap();
    assert_keep(&backend.store(&session).await.unwrap());
    let session = backend.load(Some(b"malformed")).await.unwrap();
    assert_keep(&backend.store(&session).await.unwrap());
}

#[tokio::test]
async fn read_only_reads_an_empty_session_and_tells_the_client_nothing() {
    let store = SpyStore::default();
    let backend = read_only(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = down(&store, &backend, &visitor).await;
    assert!(session.is_empty() && !session.is_modified() && !session.has_ended());
    assert_eq!(value::<i32>(&session, "n"), None);
    assert_eq!(session.take::<i32>("n").unwrap(), None);
    assert_eq!(session.owner(), None);
    assert_keep(&backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["get"]);
    assert_eq!(visitor.sees(&backend, "n").await, Some(0));
}

#[tokio::test]
async fn read_only_refuses_every_change_and_writes_nothing() {
    type Change = fn(&Session);
    let changes: [(&str, Change); 9] = [
        ("insert", |session| {
            session.insert("n", &1).unwrap();
        }),
        ("remove", |session| {
            session.remove("n");
        }),
        ("clear", Session::clear),
        ("destroy", Session::destroy),
        ("cycle_id", Session::cycle_id),
        ("set_owner", |session| session.set_owner(Some("ada"))),
        ("unset owner", |session| session.set_owner(None)),
        ("set_persistent", |session| {
            session.set_persistent(Some(true));
        }),
        ("destroy and insert", |session| {
            session.destroy();
            session.insert("n", &1).unwrap();
        }),
    ];
    let store = SpyStore::default();
    let backend = read_only(&store);
    let visitor = Visitor::new(&store, &backend).await;
    for (name, change) in changes {
        let session = down(&store, &backend, &visitor).await;
        change(&session);
        assert!(session.is_modified(), "{name}");
        store.calls();
        let unavailable = StoreErrorKind::Unavailable;
        assert_eq!(store_error(session.save().await), unavailable, "{name}");
        assert!(backend.store_now(&session).is_none(), "{name}");
        let stored = backend.store(&session).await;
        assert_eq!(store_error(stored), unavailable, "{name}");
        assert!(store.calls().is_empty(), "{name}");
        // The error page says nothing to the client either.
        assert_keep(&backend.discard(&session).await.unwrap());
    }
    let updated = down(&store, &backend, &visitor)
        .await
        .update(|session| session.insert("n", &1))
        .await;
    assert_eq!(store_error(updated), StoreErrorKind::Unavailable);
    assert_eq!(store.len(), 1);
    assert_eq!(visitor.sees(&backend, "n").await, Some(0));
}

#[tokio::test]
async fn a_store_that_fails_later_is_an_error_under_either_policy() {
    let store = SpyStore::default();
    for backend in [backend(&store), read_only(&store)] {
        let visitor = Visitor::new(&store, &backend).await;
        let session = visitor.request(&backend).await;
        session.insert("n", &1).unwrap();
        store.next("set", Fault::Fail(StoreErrorKind::Unavailable));
        let stored = backend.store(&session).await;
        assert_eq!(store_error(stored), StoreErrorKind::Unavailable);
        assert_eq!(visitor.sees(&backend, "n").await, Some(0));
        let session = backend.load(None).await.unwrap();
        session.insert("n", &1).unwrap();
        store.next("set", Fault::Fail(StoreErrorKind::TooLarge));
        let stored = backend.store(&session).await;
        assert_eq!(store_error(stored), StoreErrorKind::TooLarge);
    }
}

#[tokio::test]
async fn an_outage_leaves_every_session_intact() {
    let store = SpyStore::default();
    for backend in [backend(&store), read_only(&store)] {
        let visitor = Visitor::new(&store, &backend).await;
        for _ in 0..3 {
            for call in ["get", "set", "delete"] {
                store.next(call, Fault::Fail(StoreErrorKind::Unavailable));
                if let Ok(session) = backend.load(Some(visitor.token.as_bytes())).await {
                    match call {
                        "delete" => session.destroy(),
                        _ => assert!(session.insert("n", &1).unwrap()),
                    }
                    assert!(backend.store(&session).await.is_err());
                }
            }
        }
        assert_eq!(visitor.sees(&backend, "n").await, Some(0));
    }
}
