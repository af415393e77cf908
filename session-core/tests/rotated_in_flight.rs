//! A handler asks for a new ID while a save of the session is on its way, or the other way round.

use crate::support::{SpyStore, Visitor, backend, during, load, set_token, value};

#[tokio::test]
async fn a_login_during_a_write_still_gets_its_new_id() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    during(&store, "set", &session, |session| {
        session.cycle_id();
        let id = session.id().unwrap();
        session.insert("told", &id.to_text()).unwrap();
    });
    session.save().await.unwrap();
    let token = set_token(backend.store(&session).await.unwrap());
    let moved = load(&backend, &token.text()).await;
    assert_eq!(value(&moved, "told"), Some(token.text()));
    assert!(visitor.request(&backend).await.is_new());
}

#[tokio::test]
async fn a_login_during_the_creation_or_a_rotation_still_gets_its_new_id() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    for (call, session) in [
        ("set", backend.load(None).await.unwrap()),
        ("rename", visitor.request(&backend).await),
    ] {
        session.insert("user", "ada").unwrap();
        session.cycle_id();
        let first = session.id().unwrap();
        during(&store, call, &session, |session| session.cycle_id());
        session.save().await.unwrap();
        let token = set_token(backend.store(&session).await.unwrap());
        assert_ne!(token.text(), first.to_text());
        assert!(load(&backend, &first.to_text()).await.is_new());
        let moved = load(&backend, &token.text()).await;
        assert_eq!(value::<String>(&moved, "user").unwrap(), "ada");
    }
    assert_eq!(store.len(), 2);
}

#[tokio::test]
async fn a_change_during_a_rotation_does_not_rotate_twice() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.cycle_id();
    let told = session.id().unwrap();
    during(&store, "rename", &session, |session| {
        session.insert("m", &2).unwrap();
    });
    session.save().await.unwrap();
    assert_eq!(session.id().unwrap(), told);
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["get", "rename", "set"]);
    assert_eq!(token.text(), told.to_text());
    assert_eq!(value(&load(&backend, &token.text()).await, "m"), Some(2));
}
