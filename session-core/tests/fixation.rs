//! Nobody chooses an ID for somebody else, and a login makes the old one worthless.

use session_core::{SessionError, SessionId, StoreErrorKind, StoreKey, TokenInstruction};

use crate::support::{
    Fault, SpyStore, Visitor, assert_keep, backend, load, set_token, store_error, value,
};

#[tokio::test]
async fn an_unknown_id_is_never_adopted() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let planted = backend.generate_session_id().unwrap();
    let session = load(&backend, &planted.to_text()).await;
    assert!(session.is_new() && session.is_empty());
    assert_eq!(backend.counters().unknown, 1);
    assert_ne!(session.id().unwrap(), planted);
    session.insert("user", "ada").unwrap();
    session.cycle_id();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_ne!(token.text(), planted.to_text());
    assert!(!store.keys().contains(&planted.store_key()));
    assert!(load(&backend, &planted.to_text()).await.is_new());
}

#[tokio::test]
async fn a_dead_id_is_not_used_again() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    visitor.log_out(&backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    let again = Visitor::of(&backend, &session).await;
    assert_ne!(again.token, visitor.token);
    assert_eq!(store.keys(), [again.key]);
}

#[tokio::test]
async fn a_new_id_keeps_the_data_and_kills_the_old_one_in_one_operation() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.set_owner(Some("ada"));
    session.insert("m", &1).unwrap();
    session.cycle_id();
    let moved = Visitor::of(&backend, &session).await;
    assert_eq!(store.calls(), ["get", "rename"]);
    assert_ne!(moved.token, visitor.token);
    assert_eq!(store.keys(), [moved.key]);
    let session = moved.request(&backend).await;
    assert_eq!(value(&session, "n"), Some(0));
    assert_eq!(value(&session, "m"), Some(1));
    assert_eq!(session.owner().as_deref(), Some("ada"));
    assert!(visitor.request(&backend).await.is_new());
}

#[tokio::test]
async fn a_new_id_alone_is_a_change() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.cycle_id();
    assert!(session.is_modified());
    session.save().await.unwrap();
    assert!(!session.is_modified());
    assert_eq!(store.calls(), ["get", "rename"]);
}

#[tokio::test]
async fn id_is_the_one_that_the_client_will_hold() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    assert_eq!(session.id().unwrap().to_text(), visitor.token);
    session.insert("n", &1).unwrap();
    assert_eq!(session.id().unwrap().to_text(), visitor.token);
    session.cycle_id();
    let next = session.id().unwrap();
    assert_ne!(next.to_text(), visitor.token);
    assert_eq!(session.id().unwrap(), next);
    session.save().await.unwrap();
    assert_eq!(session.id().unwrap(), next);
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(token.text(), next.to_text());
    assert_eq!(session.id().unwrap(), next);
}

#[tokio::test]
async fn an_id_that_was_handed_out_before_the_login_is_not_used_after_it() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    let early = session.id().unwrap();
    session.cycle_id();
    session.insert("user", "ada").unwrap();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_ne!(token.text(), early.to_text());
    assert_eq!(store.calls(), ["set"]);
    // The same of a session that exists.
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.cycle_id();
    let early = session.id().unwrap();
    session.cycle_id();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_ne!(token.text(), early.to_text());
}

#[tokio::test]
async fn a_store_that_fails_to_move_it_leaves_the_old_id_working() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.cycle_id();
    store.next("rename", Fault::Fail(StoreErrorKind::Unavailable));
    let failed = backend.store(&session).await;
    assert_eq!(store_error(failed), StoreErrorKind::Unavailable);
    assert_keep(&backend.discard(&session).await.unwrap());
    assert_eq!(store.len(), 1);
    assert_eq!(visitor.sees(&backend, "n").await, Some(0));
}

#[tokio::test]
async fn a_failed_request_after_the_move_still_hands_out_the_new_token() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.cycle_id();
    session.save().await.unwrap();
    session.insert("n", &1).unwrap();
    let token = set_token(backend.discard(&session).await.unwrap());
    assert!(visitor.request(&backend).await.is_new());
    assert_eq!(value(&load(&backend, &token.text()).await, "n"), Some(0));
}

#[tokio::test]
async fn a_store_that_fails_after_the_move_does_not_cost_the_new_token() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.cycle_id();
    session.save().await.unwrap();
    session.insert("n", &1).unwrap();
    store.next("set", Fault::Fail(StoreErrorKind::Unavailable));
    let failed = backend.store(&session).await;
    assert_eq!(store_error(failed), StoreErrorKind::Unavailable);
    let token = set_token(backend.discard(&session).await.unwrap());
    assert_eq!(value(&load(&backend, &token.text()).await, "n"), Some(0));
}

#[tokio::test]
async fn the_key_of_a_record_is_no_token() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = load(&backend, &visitor.key.to_string()).await;
    assert!(session.is_new() && session.is_empty());
    assert_eq!(
        visitor.key,
        StoreKey::digest(session_id(&visitor.token).as_bytes())
    );
}

fn session_id(token: &str) -> SessionId {
    SessionId::parse(token.as_bytes(), session_core::IdLength::default()).unwrap()
}

#[tokio::test]
async fn emptying_and_cycling_leave_no_record_behind() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.cycle_id();
    session.clear();
    let told = backend.store(&session).await.unwrap();
    assert!(matches!(told, TokenInstruction::Remove));
    assert_eq!(store.len(), 0);
    assert!(!matches!(session.save().await, Err(SessionError::Ended)));
}
