//! A handler ends the session while a save of it is on its way (a clone in another task).

use crate::support::{SpyStore, Visitor, assert_remove, backend, during, keys};

#[tokio::test]
async fn a_destroy_during_any_write_is_final() {
    let store = SpyStore::default();
    let backend = backend(&store);
    for (call, rotate) in [("set", false), ("rename", true)] {
        let visitor = Visitor::new(&store, &backend).await;
        let session = visitor.request(&backend).await;
        session.insert("secret", &1).unwrap();
        if rotate {
            session.cycle_id();
        }
        during(&store, call, &session, |session| session.destroy());
        session.save().await.unwrap();
        assert_eq!(store.len(), 0);
        assert!(session.is_empty());
        assert_remove(&backend.store(&session).await.unwrap());
    }
}

#[tokio::test]
async fn a_destroy_during_the_creation_is_final() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    session.insert("user", "ada").unwrap();
    during(&store, "set", &session, |session| {
        session.destroy();
        session.insert("flash", "bye").unwrap();
    });
    let told = backend.store(&session).await.unwrap();
    assert_eq!(store.len(), 1);
    assert_eq!(keys(&backend, told).await, ["flash"]);
}

#[tokio::test]
async fn what_is_done_while_an_emptied_session_goes_is_kept() {
    let store = SpyStore::default();
    let backend = backend(&store);
    for (call, destroy) in [
        ("set", false),
        ("set", true),
        ("delete", false),
        ("delete", true),
    ] {
        let visitor = Visitor::new(&store, &backend).await;
        let session = visitor.request(&backend).await;
        session.clear();
        during(&store, call, &session, move |session| {
            if destroy {
                session.destroy();
            }
            session.insert("after", &1).unwrap();
        });
        session.save().await.unwrap();
        let told = backend.store(&session).await.unwrap();
        assert_eq!(keys(&backend, told).await, ["after"]);
        assert!(visitor.request(&backend).await.is_new());
        store.remove(&store.keys()[0]);
    }
}

#[tokio::test]
async fn a_destroy_during_a_reload_is_final() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    during(&store, "get", &session, |session| {
        session.destroy();
        session.insert("flash", "bye").unwrap();
    });
    session.reload().await.unwrap();
    assert_eq!(session.keys(), ["flash"]);
    let told = backend.store(&session).await.unwrap();
    assert_eq!(keys(&backend, told).await, ["flash"]);
    assert_eq!(store.len(), 1);
}
