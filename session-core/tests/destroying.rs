//! `Session::destroy`: the end of a session, and what comes after it.

use std::time::Duration;

use session_core::{SessionError, StoreErrorKind};

use crate::support::{
    Fault, SpyStore, Visitor, assert_keep, assert_remove, backend, load, set_token, store_error,
    value,
};

#[tokio::test]
async fn the_record_goes_and_the_client_forgets_its_token() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    session.destroy();
    assert!(session.is_new() && session.is_empty() && session.is_modified());
    assert!(session.created_at().is_none());
    assert_remove(&backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["get", "delete"]);
    assert_eq!(store.len(), 0);
    assert!(visitor.request(&backend).await.is_new());
}

#[tokio::test]
async fn what_ended_already_is_not_the_clients_newer_token() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let late = visitor.request(&backend).await;
    visitor.log_out(&backend).await;
    late.destroy();
    assert_keep(&backend.store(&late).await.unwrap());
    assert!(late.has_ended());
    // Nor is there one for what was written after a destroy that came too late.
    let visitor = Visitor::new(&store, &backend).await;
    let late = visitor.request(&backend).await;
    let login = visitor.request(&backend).await;
    login.cycle_id();
    let signed_in = Visitor::of(&backend, &login).await;
    late.destroy();
    late.insert("flash", "bye").unwrap();
    assert!(matches!(late.save().await, Err(SessionError::Ended)));
    assert_keep(&backend.store(&late).await.unwrap());
    assert_eq!(store.keys(), [signed_in.key]);
}

#[tokio::test]
async fn what_is_written_after_it_goes_into_a_fresh_session() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.set_owner(Some("ada"));
    session.set_persistent(Some(true));
    session.insert("before", &1).unwrap();
    session.destroy();
    session.insert("flash", "bye").unwrap();
    let told = session.id().unwrap();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["get", "delete", "set"]);
    assert_eq!(token.text(), told.to_text());
    assert_ne!(token.text(), visitor.token);
    assert_eq!(token.persistent(), None);
    assert!(visitor.request(&backend).await.is_new());
    let session = load(&backend, &token.text()).await;
    assert_eq!(session.keys(), ["flash"]);
    assert_eq!(session.owner(), None);
    assert_eq!(store.only_owner(), None);
}

#[tokio::test]
async fn the_fresh_session_can_be_destroyed_too() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.destroy();
    session.insert("flash", "bye").unwrap();
    session.destroy();
    assert!(session.is_empty());
    session.save().await.unwrap();
    session.insert("flash", "hello").unwrap();
    session.save().await.unwrap();
    assert_eq!(store.len(), 1);
    session.destroy();
    session.destroy();
    assert_remove(&backend.store(&session).await.unwrap());
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_rotation_asked_for_before_it_is_gone_with_it() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.cycle_id();
    session.destroy();
    assert_remove(&backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["get", "delete"]);
}

#[tokio::test]
async fn a_failing_store_is_an_error_and_never_a_success() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.destroy();
    for attempt in 0..3 {
        store.next("delete", Fault::Fail(StoreErrorKind::Unavailable));
        let failed = match attempt {
            0 => session.save().await,
            1 => backend.store(&session).await.map(drop),
            _ => backend.discard(&session).await.map(drop),
        };
        assert_eq!(store_error(failed), StoreErrorKind::Unavailable);
        assert_eq!(store.len(), 1);
    }
    // The wish stays until it is done.
    session.save().await.unwrap();
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_delete_whose_answer_was_lost_is_not_undone_by_trying_again() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.destroy();
    store.next("delete", Fault::LoseAnswer(StoreErrorKind::Timeout));
    assert_eq!(store_error(session.save().await), StoreErrorKind::Timeout);
    assert_keep(&backend.store(&session).await.unwrap());
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn it_is_told_once_and_done_once_when_saved_early() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.destroy();
    session.save().await.unwrap();
    assert_eq!(store.len(), 0);
    assert!(!session.is_modified());
    store.calls();
    assert_remove(&backend.store(&session).await.unwrap());
    assert!(store.calls().is_empty());
}

#[tokio::test]
async fn an_expired_session_can_be_destroyed() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    store.advance(Duration::from_secs(86_400));
    session.destroy();
    assert_keep(&backend.store(&session).await.unwrap());
    assert_eq!(value::<i32>(&session, "n"), None);
}

#[tokio::test]
async fn a_visitor_without_a_session_has_nothing_to_destroy() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    session.insert("n", &1).unwrap();
    session.destroy();
    assert!(!session.is_modified());
    assert_keep(&backend.store(&session).await.unwrap());
    assert!(store.calls().is_empty());
}
