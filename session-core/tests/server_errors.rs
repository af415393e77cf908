//! A request that ends in a server error.

use session_core::OnServerError;

use crate::support::{
    SpyStore, Visitor, assert_keep, assert_remove, backend, built, load, set_token, value,
};

#[tokio::test]
async fn its_changes_are_dropped_at_no_cost() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    session.clear();
    session.set_owner(Some("eve"));
    session.set_persistent(Some(true));
    session.cycle_id();
    assert_keep(&backend.discard(&session).await.unwrap());
    assert_eq!(store.calls(), ["get"]);
    assert!(!session.is_modified());
    assert_eq!(value(&session, "n"), Some(0));
    let new = backend.load(None).await.unwrap();
    new.insert("n", &1).unwrap();
    assert_keep(&backend.discard(&new).await.unwrap());
    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn a_destroy_is_carried_out_all_the_same() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.destroy();
    session.insert("flash", "bye").unwrap();
    assert!(backend.discard_now(&session).is_none());
    assert_remove(&backend.discard(&session).await.unwrap());
    assert_eq!(store.calls(), ["get", "delete"]);
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn an_earlier_save_stays_and_its_token_goes_out() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    session.insert("n", &1).unwrap();
    session.save().await.unwrap();
    session.insert("n", &2).unwrap();
    let token = set_token(backend.discard(&session).await.unwrap());
    assert_eq!(value(&load(&backend, &token.text()).await, "n"), Some(1));
}

#[tokio::test]
async fn what_takes_no_store_operation_is_answered_at_once() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    assert_keep(&backend.store_now(&session).unwrap());
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    assert!(backend.store_now(&session).is_none());
    assert!(session.is_modified());
    assert_keep(&backend.discard_now(&session).unwrap());
    assert!(!session.is_modified());
    let session = backend.load(None).await.unwrap();
    session.insert("n", &1).unwrap();
    session.save().await.unwrap();
    set_token(backend.store_now(&session).unwrap());
}

#[tokio::test]
async fn the_policy_is_there_for_the_transport_to_ask() {
    let store = SpyStore::default();
    assert_eq!(backend(&store).on_server_error(), OnServerError::Discard);
    let commits = built(&store, |builder| {
        builder.on_server_error(OnServerError::Commit)
    });
    assert_eq!(commits.on_server_error(), OnServerError::Commit);
}
