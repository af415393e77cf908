//! A session that outlives its response (a WebSocket, a background task).

use std::time::Duration;

use session_core::{Lifetime, SessionError, TokenInstruction};

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
async fn what_cannot_be_told_is_dropped_and_the_rest_can_be_saved() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let socket = visitor.request(&backend).await;
    backend.store(&socket).await.unwrap();
    let hour = Lifetime::new(None, Some(Duration::from_secs(3600))).unwrap();
    let untellable: [&dyn Fn(); 3] = [
        &|| socket.cycle_id(),
        &|| socket.set_persistent(Some(true)),
        &|| socket.set_lifetime(Some(hour)),
    ];
    for (n, change) in (1..).zip(untellable) {
        change();
        socket.insert("n", &n).unwrap();
        assert!(matches!(socket.save().await, Err(SessionError::Answered)));
        assert_eq!(visitor.sees(&backend, "n").await, Some(n - 1));
        socket.save().await.unwrap();
        assert_eq!(visitor.sees(&backend, "n").await, Some(n));
    }
    // The next request can do it.
    let session = visitor.request(&backend).await;
    session.set_persistent(Some(true));
    let TokenInstruction::Set(token) = backend.store(&session).await.unwrap() else {
        panic!("the client is told");
    };
    assert_eq!(token.persistent(), Some(true));
}

#[tokio::test]
async fn a_clear_keeps_the_lifetime_and_can_be_saved() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.set_persistent(Some(true));
    session.set_owner(Some("ada"));
    backend.store(&session).await.unwrap();
    let socket = visitor.request(&backend).await;
    backend.store(&socket).await.unwrap();
    socket.clear();
    socket.save().await.unwrap();
    assert_eq!(visitor.sees::<u32>(&backend, "n").await, None);
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
