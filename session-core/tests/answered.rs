//! A session that outlives its response (a WebSocket, a background task).

use session_core::SessionError;

use crate::support::{SpyStore, Visitor, assert_keep, assert_remove, backend};

#[tokio::test]
async fn changes_of_a_stored_session_are_saved_all_the_same() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let socket = visitor.request(&backend).await;
    assert_keep(&backend.store(&socket).await.unwrap());
    socket.insert("n", &1).unwrap();
    socket.save().await.unwrap();
    assert_eq!(visitor.sees(&backend, "n").await, Some(1));
    socket
        .update(|session| session.insert("n", &2))
        .await
        .unwrap();
    assert_eq!(visitor.sees(&backend, "n").await, Some(2));
    socket.destroy();
    socket.save().await.unwrap();
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_new_session_cannot_be_made_any_more() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let socket = backend.load(None).await.unwrap();
    assert_keep(&backend.store(&socket).await.unwrap());
    socket.insert("n", &1).unwrap();
    for _ in 0..2 {
        assert!(matches!(socket.save().await, Err(SessionError::Answered)));
        let updated = socket.update(|session| session.insert("n", &2)).await;
        assert!(matches!(updated, Err(SessionError::Answered)));
    }
    assert!(store.calls().is_empty());
}

#[tokio::test]
async fn nor_can_a_fresh_one_after_a_destroy() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let socket = visitor.request(&backend).await;
    backend.store(&socket).await.unwrap();
    socket.destroy();
    socket.insert("n", &1).unwrap();
    assert!(matches!(socket.save().await, Err(SessionError::Answered)));
    // The old one is gone even so.
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_new_id_cannot_be_given_any_more_and_the_old_one_works() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let socket = visitor.request(&backend).await;
    backend.discard(&socket).await.unwrap();
    socket.cycle_id();
    assert!(matches!(socket.save().await, Err(SessionError::Answered)));
    assert_eq!(visitor.sees(&backend, "n").await, Some(0));
    assert_eq!(store.keys(), [visitor.key]);
}

#[tokio::test]
async fn what_was_told_is_not_told_again() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.destroy();
    assert_remove(&backend.store(&session).await.unwrap());
    assert_keep(&backend.store(&session).await.unwrap());
    assert_keep(&backend.discard(&session).await.unwrap());
}
