//! What a handler does while a save of the same session is on its way (a clone in another task)
//! is not lost, and what was stored is not stored again.

use crate::support::{Fault, SpyStore, Visitor, backend, during, keys, set_token, value};

#[tokio::test]
async fn an_insert_during_a_write_is_stored_by_the_next() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    during(&store, "set", &session, |session| {
        session.insert("m", &2).unwrap();
        session.remove("name");
        session.set_owner(Some("ada"));
    });
    session.save().await.unwrap();
    assert!(session.is_modified());
    assert_eq!(visitor.sees::<i32>(&backend, "m").await, None);
    // Another request's change of what was stored already stays.
    visitor.put(&backend, "n", 5).await;
    backend.store(&session).await.unwrap();
    let session = visitor.request(&backend).await;
    assert_eq!(value(&session, "n"), Some(5));
    assert_eq!(value(&session, "m"), Some(2));
    assert!(!session.contains_key("name"));
    assert_eq!(session.owner().as_deref(), Some("ada"));
}

#[tokio::test]
async fn taking_a_change_back_during_its_write_is_a_change() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    session.insert("new", &1).unwrap();
    session.remove("name");
    session.set_owner(Some("ada"));
    session.set_persistent(Some(true));
    during(&store, "set", &session, |session| {
        session.insert("n", &0).unwrap();
        session.remove("new");
        session.insert("name", "Ada").unwrap();
        session.set_owner(None);
        session.set_persistent(None);
    });
    session.save().await.unwrap();
    backend.store(&session).await.unwrap();
    let session = visitor.request(&backend).await;
    assert_eq!(value(&session, "n"), Some(0));
    assert_eq!(value::<String>(&session, "name").unwrap(), "Ada");
    assert_eq!(session.len(), 2);
    assert_eq!(session.owner(), None);
    session.cycle_id();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(token.persistent(), None);
}

#[tokio::test]
async fn removals_during_the_creation_are_not_lost() {
    let store = SpyStore::default();
    let backend = backend(&store);
    for clear in [false, true] {
        let session = backend.load(None).await.unwrap();
        session.insert("user", "ada").unwrap();
        during(&store, "set", &session, move |session| {
            if clear {
                session.clear();
            } else {
                session.remove("user");
            }
            session.insert("after", &1).unwrap();
        });
        session.save().await.unwrap();
        assert_eq!(session.keys(), ["after"]);
        let told = backend.store(&session).await.unwrap();
        assert_eq!(keys(&backend, told).await, ["after"]);
    }
}

#[tokio::test]
async fn a_clear_during_a_write_takes_what_it_wrote_and_what_others_put() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.clear();
    session.insert("first", &1).unwrap();
    during(&store, "set", &session, |session| {
        session.clear();
        session.insert("second", &2).unwrap();
    });
    session.save().await.unwrap();
    visitor.put(&backend, "theirs", 3).await;
    backend.store(&session).await.unwrap();
    assert_eq!(visitor.request(&backend).await.keys(), ["second"]);
}

#[tokio::test]
async fn a_clear_that_was_stored_does_not_take_what_others_put_later() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.clear();
    session.insert("first", &1).unwrap();
    during(&store, "set", &session, |session| {
        session.insert("second", &2).unwrap();
    });
    session.save().await.unwrap();
    visitor.put(&backend, "theirs", 3).await;
    backend.store(&session).await.unwrap();
    let mut keys = visitor.request(&backend).await.keys();
    keys.sort();
    assert_eq!(keys, ["first", "second", "theirs"]);
}

#[tokio::test]
async fn a_save_that_is_cut_off_can_be_made_again() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    for fault in [Fault::Hang, Fault::after(std::future::pending())] {
        store.next("set", fault);
        let mut save = Box::pin(session.save());
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(save.as_mut().poll(context).is_pending())
        });
        assert!(polled.await);
        drop(save);
        assert!(session.is_modified());
    }
    assert_eq!(store.abandoned(), 2);
    session.save().await.unwrap();
    assert_eq!(visitor.sees(&backend, "n").await, Some(1));
}
