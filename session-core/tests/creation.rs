//! When the record of a new session comes into being.

use session_core::{Creation, ServerSideBackend};

use crate::support::{
    SpyStore, Visitor, assert_keep, assert_remove, backend, built, load, set_token,
};

fn eager(store: &SpyStore) -> ServerSideBackend {
    built(store, |builder| builder.creation(Creation::Eager))
}

#[tokio::test]
async fn eager_stores_it_with_the_first_request_and_only_then() {
    let store = SpyStore::default();
    let backend = eager(&store);
    let session = backend.load(None).await.unwrap();
    assert!(backend.store_now(&session).is_none());
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["set"]);
    let session = load(&backend, &token.text()).await;
    assert!(!session.is_new() && session.is_empty());
    assert_keep(&backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["get"]);
}

#[tokio::test]
async fn eager_gives_an_unknown_token_a_new_session() {
    let store = SpyStore::default();
    let backend = eager(&store);
    let planted = backend.generate_session_id().unwrap().to_text();
    let session = load(&backend, &planted).await;
    let token = set_token(backend.store(&session).await.unwrap());
    assert_ne!(token.text(), planted);
}

#[tokio::test]
async fn eager_stores_nothing_for_a_failed_request_nor_after_a_destroy() {
    let store = SpyStore::default();
    let backend = eager(&store);
    let session = backend.load(None).await.unwrap();
    assert_keep(&backend.discard(&session).await.unwrap());
    assert_eq!(store.len(), 0);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.destroy();
    assert_remove(&backend.store(&session).await.unwrap());
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn eager_keeps_a_session_that_was_emptied() {
    let store = SpyStore::default();
    let backend = eager(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.clear();
    let told = backend.store(&session).await.unwrap();
    assert_keep(&told);
    assert_eq!(store.keys(), [visitor.key]);
}

#[tokio::test]
async fn lazy_stores_it_with_the_first_value_or_owner() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    session.save().await.unwrap();
    assert_eq!(store.len(), 0);
    session.set_owner(Some("ada"));
    session.save().await.unwrap();
    assert_eq!(store.len(), 1);
    set_token(backend.store(&session).await.unwrap());
}
