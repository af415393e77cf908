//! `Session::update`: read, modify and store as one step.

use std::sync::atomic::{AtomicU32, Ordering};

use session_core::SessionError;

use crate::support::{Fault, SpyStore, Visitor, backend, increment, interfere, set_token, value};

#[tokio::test]
async fn it_is_stored_at_once_and_returns_what_the_run_returned() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    assert_eq!(session.update(increment).await.unwrap(), 1);
    assert_eq!(store.calls(), ["get", "set"]);
    assert!(!session.is_modified());
    assert_eq!(visitor.sees(&backend, "n").await, Some(1));
}

#[tokio::test]
async fn it_runs_again_on_what_another_request_stored() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    interfere(&store, &backend, &visitor);
    interfere(&store, &backend, &visitor);
    let runs = AtomicU32::new(0);
    let n = session
        .update(|session| {
            runs.fetch_add(1, Ordering::SeqCst);
            increment(session)
        })
        .await
        .unwrap();
    assert_eq!((n, runs.into_inner()), (3, 3));
    assert_eq!(visitor.sees(&backend, "n").await, Some(3));
}

#[tokio::test]
async fn what_was_pending_is_stored_along() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("pending", &1).unwrap();
    interfere(&store, &backend, &visitor);
    assert_eq!(session.update(increment).await.unwrap(), 2);
    assert_eq!(visitor.sees(&backend, "pending").await, Some(1));
}

#[tokio::test]
async fn a_new_session_is_created_by_it() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    assert_eq!(session.update(increment).await.unwrap(), 1);
    assert_eq!(store.calls(), ["set"]);
    let token = set_token(backend.store(&session).await.unwrap());
    assert!(store.calls().is_empty());
    assert_eq!(token.text(), session.id().unwrap().to_text());
}

#[tokio::test]
async fn an_ended_session_says_so_and_keeps_nothing() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    visitor.log_out(&backend).await;
    for _ in 0..2 {
        let ended = session.update(increment).await;
        assert!(matches!(ended, Err(SessionError::Ended)));
        assert!(session.has_ended() && session.is_empty());
        assert_eq!(store.len(), 0);
    }
}

#[tokio::test]
async fn a_stored_increment_is_not_stored_again_by_the_rest_of_the_request() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    let clone = session.clone();
    let hook = async move { assert!(clone.insert("meanwhile", &1).unwrap()) };
    store.next("set", Fault::before(hook));
    assert_eq!(session.update(increment).await.unwrap(), 1);
    let request = visitor.request(&backend).await;
    assert_eq!(request.update(increment).await.unwrap(), 2);
    backend.store(&session).await.unwrap();
    let session = visitor.request(&backend).await;
    assert_eq!(value(&session, "n"), Some(2));
    assert_eq!(value(&session, "meanwhile"), Some(1));
}

#[tokio::test]
async fn a_run_that_was_cut_off_overwrites_nothing_later() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let cut = visitor.request(&backend).await;
    store.next("set", Fault::Hang);
    let update = cut.update(increment);
    let late = tokio::time::timeout(std::time::Duration::from_millis(5), update).await;
    assert!(late.is_err());
    for _ in 0..3 {
        let session = visitor.request(&backend).await;
        session.update(increment).await.unwrap();
    }
    assert!(!cut.is_modified());
    cut.insert("other", &1).unwrap();
    backend.store(&cut).await.unwrap();
    assert_eq!(visitor.sees(&backend, "n").await, Some(3));
}
