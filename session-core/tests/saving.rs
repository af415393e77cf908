//! `save` and `reload`: the store is asked before the handler is done.

use session_core::{SessionError, StoreErrorKind};

use crate::support::{
    Fault, SpyStore, Visitor, assert_keep, backend, built, load, set_token, store_error, value,
};

#[tokio::test]
async fn saving_without_changes_costs_nothing() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    for session in [
        visitor.request(&backend).await,
        backend.load(None).await.unwrap(),
    ] {
        store.calls();
        session.save().await.unwrap();
        assert!(store.calls().is_empty());
    }
}

#[tokio::test]
async fn what_is_saved_is_seen_before_the_response_and_stored_once() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    session.save().await.unwrap();
    assert_eq!(visitor.sees(&backend, "n").await, Some(1));
    store.calls();
    let told = backend.store(&session).await.unwrap();
    assert_keep(&told);
    assert!(store.calls().is_empty());
}

#[tokio::test]
async fn what_follows_a_save_is_stored_too() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    session.insert("n", &1).unwrap();
    session.save().await.unwrap();
    session.insert("m", &2).unwrap();
    session.remove("n");
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["set", "set"]);
    let session = load(&backend, &token.text()).await;
    assert_eq!(session.keys(), ["m"]);
}

#[tokio::test]
async fn two_saves_at_once_on_clones_make_one_session() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    let clone = session.clone();
    session.insert("n", &1).unwrap();
    clone.insert("m", &2).unwrap();
    let (one, two) = tokio::join!(session.save(), clone.save());
    one.and(two).unwrap();
    assert_eq!(store.calls(), ["set"]);
    let token = set_token(backend.store(&clone).await.unwrap());
    assert_eq!(load(&backend, &token.text()).await.len(), 2);
}

#[tokio::test]
async fn a_failed_save_keeps_the_changes_for_the_next() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    for fault in [
        Fault::Fail(StoreErrorKind::Unavailable),
        // The write happened, but nobody knows.
        Fault::LoseAnswer(StoreErrorKind::Timeout),
    ] {
        store.next("set", fault);
        store_error(session.save().await);
        assert!(session.is_modified());
    }
    session.save().await.unwrap();
    assert_eq!(visitor.sees(&backend, "n").await, Some(1));
}

#[tokio::test]
async fn a_session_that_is_too_large_is_not_written() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.max_bytes(1000));
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &"x".repeat(1000)).unwrap();
    for rotate in [false, true] {
        if rotate {
            session.cycle_id();
        }
        let SessionError::TooLarge { size, limit } = session.save().await.unwrap_err() else {
            panic!("too large")
        };
        assert!(size > 1000 && limit == 1000);
    }
    assert_eq!(store.calls(), ["get"]);
    session.insert("n", &"x".repeat(900)).unwrap();
    session.save().await.unwrap();
}

#[tokio::test]
async fn a_value_of_another_type_is_an_error_and_stays() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    assert!(matches!(
        session.get::<u32>("name"),
        Err(SessionError::Decode { key, .. }) if key == "name"
    ));
    assert!(session.take::<u32>("name").is_err());
    assert!(session.entries::<u32>().is_err());
    assert_eq!(value::<String>(&session, "name").unwrap(), "Ada");
    assert!(!session.is_modified());
}

#[tokio::test]
async fn a_value_without_a_stored_form_is_an_error_and_changes_nothing() {
    struct Unwritable;
    impl serde::Serialize for Unwritable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no form"))
        }
    }
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    assert!(matches!(
        session.insert("n", &Unwritable),
        Err(SessionError::Encode { key, .. }) if key == "n"
    ));
    assert!(!session.is_modified());
    assert_eq!(value(&session, "n"), Some(0));
}

#[tokio::test]
async fn reload_sees_what_others_stored_and_keeps_pending_changes_on_top() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let socket = visitor.request(&backend).await;
    socket.insert("mine", &1).unwrap();
    socket.remove("name");
    visitor.put(&backend, "n", 5).await;
    visitor.put(&backend, "mine", 9).await;
    visitor.put(&backend, "theirs", 7).await;
    assert_eq!(value(&socket, "n"), Some(0));
    socket.reload().await.unwrap();
    assert_eq!(value(&socket, "n"), Some(5));
    assert_eq!(value(&socket, "theirs"), Some(7));
    assert_eq!(value(&socket, "mine"), Some(1));
    assert!(!socket.contains_key("name") && socket.is_modified());
    store.calls();
    socket.save().await.unwrap();
    assert_eq!(store.calls(), ["set"]);
    assert_eq!(visitor.sees(&backend, "mine").await, Some(1));
}

#[tokio::test]
async fn reload_of_a_session_without_a_record_costs_nothing() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    session.insert("n", &1).unwrap();
    session.reload().await.unwrap();
    assert!(store.calls().is_empty());
    assert_eq!(value(&session, "n"), Some(1));
}

#[tokio::test]
async fn a_failed_reload_changes_nothing() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("m", &1).unwrap();
    store.next("get", Fault::Fail(StoreErrorKind::Unavailable));
    assert_eq!(
        store_error(session.reload().await),
        StoreErrorKind::Unavailable
    );
    store.overwrite(&visitor.key, b"garbage");
    assert_eq!(store_error(session.reload().await), StoreErrorKind::Corrupt);
    assert_eq!(value(&session, "n"), Some(0));
    assert_eq!(value(&session, "m"), Some(1));
    assert!(session.is_modified() && !session.has_ended());
}
