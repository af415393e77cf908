//! What becomes of a stored session without values.

use session_core::{Emptied, StoreErrorKind};

use crate::support::{
    Fault, SpyStore, Visitor, assert_keep, assert_remove, backend, built, set_token, store_error,
};

#[tokio::test]
async fn delete_takes_the_record_and_the_token() {
    let store = SpyStore::default();
    let backend = backend(&store);
    for clear in [true, false] {
        let visitor = Visitor::new(&store, &backend).await;
        let session = visitor.request(&backend).await;
        if clear {
            session.clear();
        } else {
            session.remove("n");
            session.remove("name");
        }
        assert!(session.is_empty());
        assert_remove(&backend.store(&session).await.unwrap());
        assert_eq!(store.len(), 0);
        assert!(visitor.request(&backend).await.is_new());
    }
}

#[tokio::test]
async fn keep_keeps_both() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.emptied(Emptied::Keep));
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.clear();
    let told = backend.store(&session).await.unwrap();
    assert_keep(&told);
    assert_eq!(store.calls(), ["get", "set"]);
    let session = visitor.request(&backend).await;
    assert!(!session.is_new() && session.is_empty());
    assert_keep(&backend.store(&session).await.unwrap());
}

#[tokio::test]
async fn a_session_with_an_owner_is_not_empty() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    session.set_owner(Some("ada"));
    let visitor = Visitor::of(&backend, &session).await;
    let session = visitor.request(&backend).await;
    assert!(session.is_empty());
    assert_eq!(session.owner().as_deref(), Some("ada"));
    session.clear();
    assert_keep(&backend.store(&session).await.unwrap());
    session.set_owner(None);
    session.save().await.unwrap();
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_value_put_by_another_request_is_kept() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.remove("n");
    session.remove("name");
    visitor.put(&backend, "cart", 7).await;
    let told = backend.store(&session).await.unwrap();
    assert_keep(&told);
    let session = visitor.request(&backend).await;
    assert_eq!(session.keys(), ["cart"]);
}

#[tokio::test]
async fn a_value_put_by_another_request_in_the_very_commit_is_kept() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.remove("n");
    session.remove("name");
    let (other, token) = (backend.clone(), visitor.token.clone());
    store.next(
        "set",
        Fault::before(async move {
            let request = other.load(Some(token.as_bytes())).await.unwrap();
            request.insert("cart", &7).unwrap();
            other.store(&request).await.unwrap();
        }),
    );
    backend.store(&session).await.unwrap();
    assert_eq!(visitor.request(&backend).await.keys(), ["cart"]);
}

#[tokio::test]
async fn what_is_written_after_it_goes_to_a_new_id() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.clear();
    session.save().await.unwrap();
    session.insert("n", &1).unwrap();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_ne!(token.text(), visitor.token);
    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn a_failing_store_is_an_error() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.clear();
    store.next("set", Fault::Fail(StoreErrorKind::Unavailable));
    let failed = session.save().await;
    assert_eq!(store_error(failed), StoreErrorKind::Unavailable);
    assert_eq!(visitor.sees(&backend, "n").await, Some(0));
    assert_remove(&backend.store(&session).await.unwrap());
}
