//! Idle and absolute timeouts together.

use std::time::Duration;

use session_core::{Lifetime, Renew, ServerSideBackend, SessionError, TokenInstruction};

use crate::support::{SpyStore, Visitor, assert_keep, built, set_token};

const IDLE: Duration = Duration::from_secs(100);
const ABSOLUTE: Duration = Duration::from_secs(250);

fn both(store: &SpyStore) -> ServerSideBackend {
    built(store, |builder| {
        builder
            .idle_timeout(IDLE)
            .absolute_timeout(ABSOLUTE)
            .renew(Renew::EveryRequest)
    })
}

#[tokio::test]
async fn an_active_session_ends_at_its_absolute_timeout() {
    let store = SpyStore::default();
    let backend = both(&store);
    let visitor = Visitor::new(&store, &backend).await;
    for _ in 0..4 {
        store.advance(Duration::from_secs(60));
        let session = visitor.request(&backend).await;
        assert!(!session.is_new());
        backend.store(&session).await.unwrap();
    }
    let session = visitor.request(&backend).await;
    assert!(session.expires_in().unwrap() <= Duration::from_secs(10));
    store.advance(Duration::from_secs(10));
    assert!(visitor.request(&backend).await.is_new());
}

#[tokio::test]
async fn a_write_does_not_outlive_the_absolute_timeout() {
    let store = SpyStore::default();
    let backend = both(&store);
    let visitor = Visitor::new(&store, &backend).await;
    for _ in 0..2 {
        store.advance(Duration::from_secs(90));
        visitor.put(&backend, "n", 1).await;
        visitor.put(&backend, "n", 2).await;
    }
    let session = visitor.request(&backend).await;
    session.insert("n", &3).unwrap();
    let told = backend.store(&session).await.unwrap();
    assert_keep(&told);
    store.advance(Duration::from_secs(70));
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_new_id_does_not_begin_the_absolute_timeout_anew() {
    let store = SpyStore::default();
    let backend = both(&store);
    // Its clock is not this process's.
    store.advance(Duration::from_secs(3600));
    let mut visitor = Visitor::new(&store, &backend).await;
    let mut created = None;
    for _ in 0..4 {
        store.advance(Duration::from_secs(60));
        let session = visitor.request(&backend).await;
        let began = session.created_at().unwrap();
        assert_eq!(*created.get_or_insert(began), began);
        session.cycle_id();
        visitor = Visitor::of(&backend, &session).await;
        assert_eq!(session.created_at(), created);
    }
    store.advance(Duration::from_secs(10));
    assert!(visitor.request(&backend).await.is_new());
}

#[tokio::test]
async fn a_session_that_reaches_its_end_during_a_request_is_not_stored() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| {
        builder
            .idle_timeout(None)
            .absolute_timeout(Duration::from_secs(60))
    });
    let (writer, reader) = loop {
        let visitor = Visitor::new(&store, &backend).await;
        store.advance(Duration::from_millis(59_970));
        let writer = visitor.request(&backend).await;
        let reader = visitor.request(&backend).await;
        // A machine that was busy for the last 30 ms tries again.
        if !writer.is_new() && !reader.is_new() {
            break (writer, reader);
        }
    };
    writer.insert("n", &1).unwrap();
    tokio::time::sleep(Duration::from_millis(31)).await;
    store.calls();
    assert!(matches!(writer.save().await, Err(SessionError::Ended)));
    for session in [writer, reader] {
        assert_keep(&backend.store(&session).await.unwrap());
        assert!(session.has_ended());
    }
    assert_eq!(store.calls(), ["delete", "delete"]);
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_shorter_absolute_timeout_holds_for_sessions_that_exist() {
    let store = SpyStore::default();
    let visitor = Visitor::new(&store, &both(&store)).await;
    store.advance(Duration::from_secs(60));
    let stricter = built(&store, |builder| {
        builder
            .idle_timeout(None)
            .absolute_timeout(Duration::from_secs(50))
    });
    let session = visitor.request(&stricter).await;
    assert!(session.is_new() && session.is_empty());
    session.insert("n", &1).unwrap();
    let token = set_token(stricter.store(&session).await.unwrap());
    assert_ne!(token.text(), visitor.token);
}

#[tokio::test]
async fn the_token_is_good_until_the_absolute_timeout_and_the_record_decides() {
    let store = SpyStore::default();
    let backend = both(&store);
    let session = backend.load(None).await.unwrap();
    assert_eq!((session.expires_in(), session.created_at()), (None, None));
    session.insert("n", &1).unwrap();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!((token.longest(), token.persistent()), (ABSOLUTE, None));
    store.advance(IDLE - Duration::from_secs(5));
    assert_eq!(store.len(), 1);
    store.advance(Duration::from_secs(5));
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_session_that_a_shortened_timeout_ends_can_still_be_destroyed() {
    let store = SpyStore::default();
    let visitor = Visitor::new(&store, &both(&store)).await;
    store.advance(Duration::from_secs(60));
    let shortened = built(&store, |builder| {
        builder.absolute_timeout(Duration::from_secs(50))
    });
    let session = visitor.request(&shortened).await;
    assert!(session.is_new() && session.is_empty());
    session.destroy();
    let told = shortened.store(&session).await.unwrap();
    assert!(matches!(told, TokenInstruction::Remove), "{told:?}");
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn a_timeout_that_the_request_itself_makes_too_short_ends_the_session_for_good() {
    let store = SpyStore::default();
    let backend = both(&store);
    let visitor = Visitor::new(&store, &backend).await;
    store.advance(Duration::from_secs(60));
    let session = visitor.request(&backend).await;
    session.set_lifetime(Lifetime::new(None, Some(Duration::from_secs(50))).ok());
    assert!(matches!(session.save().await, Err(SessionError::Ended)));
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn restarting_gives_a_new_id_and_the_whole_absolute_timeout() {
    let store = SpyStore::default();
    let backend = both(&store);
    let visitor = Visitor::new(&store, &backend).await;
    for _ in 0..3 {
        store.advance(Duration::from_secs(80));
        backend
            .store(&visitor.request(&backend).await)
            .await
            .unwrap();
    }
    let session = visitor.request(&backend).await;
    session.restart_absolute_timeout();
    session.cycle_id(); // does not take it back
    session.set_lifetime(Lifetime::new(None, Some(Duration::from_secs(200))).ok());
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(token.longest(), Duration::from_secs(200));
    store.advance(Duration::from_secs(199));
    assert!(visitor.request(&backend).await.is_new());
    let session = backend.load(Some(token.text().as_bytes())).await.unwrap();
    assert_eq!(crate::support::value::<i32>(&session, "n"), Some(0));
    store.advance(Duration::from_secs(1));
    assert_eq!(store.len(), 0);
}
