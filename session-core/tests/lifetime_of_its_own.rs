//! One session's own lifetime and cookie: "remember me".

use std::time::Duration;

use session_core::{Lifetime, ServerSideBackend, Session};

use crate::support::{SpyStore, Visitor, backend, built, set_token, value};

const DAY: Duration = Duration::from_secs(86_400);

fn month() -> Lifetime {
    Lifetime::new(None, Some(30 * DAY)).unwrap()
}

async fn remembered(backend: &ServerSideBackend) -> (Session, Visitor) {
    let session = backend.load(None).await.unwrap();
    session.insert("n", &0).unwrap();
    session.set_lifetime(Some(month()));
    session.set_persistent(Some(true));
    let visitor = Visitor::of(backend, &session).await;
    (session, visitor)
}

#[tokio::test]
async fn it_decides_for_the_record_and_the_token_and_survives_reload() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.idle_timeout(DAY));
    let (_, visitor) = remembered(&backend).await;
    store.advance(29 * DAY);
    let session = visitor.request(&backend).await;
    assert!(session.expires_in().unwrap() > DAY - Duration::from_secs(60));
    session.insert("n", &1).unwrap();
    session.save().await.unwrap();
    session.reload().await.unwrap();
    assert!(session.expires_in().unwrap() <= DAY);
    let session = visitor.request(&backend).await;
    session.cycle_id();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(token.persistent(), Some(true));
    store.advance(DAY);
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn clear_keeps_it() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let (first, visitor) = remembered(&backend).await;
    for session in [first, visitor.request(&backend).await] {
        session.clear();
        assert!(session.is_empty());
        session.insert("n", &1).unwrap();
        session.save().await.unwrap();
        assert!(session.expires_in().unwrap() > 29 * DAY);
    }
    let session = visitor.request(&backend).await;
    session.cycle_id();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(token.persistent(), Some(true));
    assert!(token.longest() > 29 * DAY);
}

#[tokio::test]
async fn none_gives_the_backends_again() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.idle_timeout(DAY));
    let (_, visitor) = remembered(&backend).await;
    let session = visitor.request(&backend).await;
    session.set_lifetime(None);
    session.set_persistent(None);
    backend.store(&session).await.unwrap();
    assert!(visitor.request(&backend).await.expires_in().unwrap() <= DAY);
    let bytes = store.only_bytes();
    assert!(!bytes.windows(8).any(|part| part == b"_session"));
}

#[tokio::test]
async fn either_half_works_alone() {
    let store = SpyStore::default();
    let backend = backend(&store);
    for (lifetime, persistent) in [
        (None, Some(false)),
        (Some(month()), None),
        (Lifetime::new(Some(DAY * 2), None).ok(), Some(true)),
        (Lifetime::new(Some(DAY), Some(DAY * 3)).ok(), None),
    ] {
        let session = backend.load(None).await.unwrap();
        session.insert("n", &0).unwrap();
        session.set_lifetime(lifetime);
        session.set_persistent(persistent);
        let visitor = Visitor::of(&backend, &session).await;
        let session = visitor.request(&backend).await;
        session.cycle_id();
        let token = set_token(backend.store(&session).await.unwrap());
        assert_eq!(token.persistent(), persistent);
        let lifetime = lifetime.unwrap_or_default();
        let longest = lifetime.absolute().unwrap_or(400 * DAY);
        assert!(token.longest() <= longest);
        assert!(token.longest() > longest - Duration::from_secs(60));
    }
}

#[tokio::test]
async fn another_requests_choice_is_not_lost() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let (one, two) = (
        visitor.request(&backend).await,
        visitor.request(&backend).await,
    );
    one.set_lifetime(Some(month()));
    two.insert("n", &1).unwrap();
    backend.store(&one).await.unwrap();
    backend.store(&two).await.unwrap();
    let session = visitor.request(&backend).await;
    assert_eq!(value(&session, "n"), Some(1));
    assert!(session.expires_in().unwrap() > 29 * DAY);
}

#[tokio::test]
async fn it_does_not_outlive_an_emptied_session() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.idle_timeout(DAY));
    let (_, visitor) = remembered(&backend).await;
    let session = visitor.request(&backend).await;
    session.remove("n");
    session.save().await.unwrap();
    assert_eq!(store.len(), 0);
    session.insert("n", &1).unwrap();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!((token.longest(), token.persistent()), (30 * DAY, None));
}

#[tokio::test]
async fn the_client_is_told_of_another_choice_and_only_then() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let (_, visitor) = remembered(&backend).await;
    let session = visitor.request(&backend).await;
    session.set_persistent(Some(false));
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(token.text(), visitor.token);
    assert_eq!(token.persistent(), Some(false));
    let session = visitor.request(&backend).await;
    session.insert("n", &7).unwrap();
    crate::support::assert_keep(&backend.store(&session).await.unwrap());
}
