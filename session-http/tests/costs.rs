//! What a request costs: store operations and cookies, counted.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

mod fixture;

use std::time::Duration;

use axum::{Router, routing::get};
use fixture::{Counting, all, cookie, key_of, send, text};
use http::header::{SET_COOKIE, VARY};
use session_core::{Creation, Operation, Renew, Store as _, Ttl};
use session_http::{Session, SessionFailure, SessionLayer};

const IDLE: Duration = Duration::from_secs(100);

async fn read(session: Session) -> Result<String, SessionFailure> {
    Ok(format!("{:?}", session.get::<u32>("n")?))
}

async fn write(session: Session) -> Result<(), SessionFailure> {
    let n = session.get::<u32>("n")?.unwrap_or(0) + 1;
    session.insert("n", &n)?;
    Ok(())
}

async fn write_the_same(session: Session) -> Result<(), SessionFailure> {
    let n = session.get::<u32>("n")?.unwrap_or(0);
    session.insert("n", &n)?;
    session.insert("n", &(n + 1))?;
    session.insert("n", &n)?;
    Ok(())
}

async fn twice(first: Session, second: Session, third: Option<Session>) -> String {
    first.insert("n", &7).unwrap();
    let seen = second.get::<u32>("n").unwrap();
    assert!(third.is_some_and(|third| third.contains_key("n")));
    format!("{seen:?}")
}

fn app_with(store: &Counting, renew: Renew, creation: Creation) -> Router {
    let backend = store
        .builder()
        .idle_timeout(IDLE)
        .renew(renew)
        .creation(creation);
    Router::new()
        .route("/untouched", get(async || "hello"))
        .route("/read", get(read))
        .route("/write", get(write))
        .route("/same", get(write_the_same))
        .route("/twice", get(twice))
        .route("/cycle", get(async |session: Session| session.cycle_id()))
        .route("/clear", get(async |session: Session| session.clear()))
        .route("/destroy", get(async |session: Session| session.destroy()))
        .layer(SessionLayer::new(backend.build().unwrap()))
}

fn app(store: &Counting) -> Router {
    app_with(store, Renew::Throttled, Creation::Lazy)
}

/// A session that holds a value, and the store's calls forgotten.
async fn visitor(app: &Router, store: &Counting) -> String {
    let cookie = cookie(&send(app, "/write", None).await);
    store.calls();
    cookie
}

#[tokio::test]
async fn a_request_that_does_not_touch_the_session_costs_nothing() {
    let store = Counting::new();
    let app = app(&store);
    let cookie = visitor(&app, &store).await;
    for cookie in [None, Some(cookie.as_str())] {
        let response = send(&app, "/untouched", cookie).await;
        assert!(
            response
                .headers()
                .keys()
                .all(|name| name != SET_COOKIE && name != VARY)
        );
    }
    assert_eq!(store.calls(), []);
}

#[tokio::test]
async fn a_read_costs_one_get() {
    let store = Counting::new();
    let app = app(&store);
    let cookie = visitor(&app, &store).await;
    let response = send(&app, "/read", Some(&cookie)).await;
    assert_eq!(store.calls(), [Operation::Get]);
    assert_eq!(all(&response, SET_COOKIE), [""; 0]);
    assert_eq!(text(response).await, "Some(1)");
}

#[tokio::test]
async fn a_write_costs_one_get_and_one_set_and_no_cookie() {
    let store = Counting::new();
    let app = app(&store);
    let cookie = visitor(&app, &store).await;
    let response = send(&app, "/write", Some(&cookie)).await;
    assert_eq!(store.calls(), [Operation::Get, Operation::Set]);
    assert_eq!(all(&response, SET_COOKIE), [""; 0]);
}

#[tokio::test]
async fn a_new_session_costs_one_set_and_one_cookie() {
    let store = Counting::new();
    let response = send(&app(&store), "/write", None).await;
    assert_eq!(store.calls(), [Operation::Set]);
    assert_eq!(all(&response, SET_COOKIE).len(), 1);
}

#[tokio::test]
async fn an_anonymous_visitor_who_leaves_nothing_costs_nothing() {
    let store = Counting::new();
    let app = app(&store);
    for path in ["/read", "/cycle", "/clear", "/destroy"] {
        let response = send(&app, path, None).await;
        assert_eq!(all(&response, SET_COOKIE), [""; 0], "{path}");
        assert_eq!(all(&response, VARY), ["Cookie"]);
    }
    assert_eq!(store.calls(), []);
}

#[tokio::test]
async fn a_token_that_is_none_costs_nothing() {
    let store = Counting::new();
    let app = app(&store);
    for token in ["attacker", "", "%00"] {
        send(&app, "/read", Some(&format!("__Host-id={token}"))).await;
    }
    assert_eq!(store.calls(), []);
}

#[tokio::test]
async fn an_equal_value_is_no_write() {
    let store = Counting::new();
    let app = app(&store);
    let cookie = visitor(&app, &store).await;
    send(&app, "/same", Some(&cookie)).await;
    assert_eq!(store.calls(), [Operation::Get]);
}

#[tokio::test]
async fn all_extractors_of_a_request_share_one_load() {
    let store = Counting::new();
    let app = app(&store);
    let cookie = visitor(&app, &store).await;
    let response = send(&app, "/twice", Some(&cookie)).await;
    assert_eq!(store.calls(), [Operation::Get, Operation::Set]);
    assert_eq!(text(response).await, "Some(7)");
}

#[tokio::test]
async fn a_rotation_costs_one_rename_and_an_end_one_delete() {
    let store = Counting::new();
    let app = app(&store);
    let old = visitor(&app, &store).await;
    let new = cookie(&send(&app, "/cycle", Some(&old)).await);
    assert_eq!(store.calls(), [Operation::Get, Operation::Rename]);
    assert_ne!(new, old);
    assert_eq!(
        cookie(&send(&app, "/destroy", Some(&new)).await),
        "__Host-id="
    );
    assert_eq!(store.calls(), [Operation::Get, Operation::Delete]);
}

#[tokio::test]
async fn readers_renew_once_for_each_interval() {
    let store = Counting::new();
    let app = app(&store);
    let cookie = visitor(&app, &store).await;
    for _ in 0..3 {
        // As if a fifth of the idle timeout had passed.
        let left = Ttl::from_secs(80).unwrap();
        assert!(
            store
                .uncounted()
                .expire(&key_of(&cookie), left)
                .await
                .unwrap()
        );
        for _ in 0..10 {
            send(&app, "/read", Some(&cookie)).await;
        }
        let calls = store.calls();
        let renewals = calls.iter().filter(|call| **call == Operation::Expire);
        assert_eq!(renewals.count(), 1);
        assert_eq!(calls.len(), 11);
        let left = store
            .uncounted()
            .ttl(&key_of(&cookie))
            .await
            .unwrap()
            .unwrap();
        assert!(left > Duration::from_secs(90));
    }
}

#[tokio::test]
async fn a_session_that_is_never_renewed_is_only_read() {
    let store = Counting::new();
    let app = app_with(&store, Renew::Never, Creation::Lazy);
    let cookie = visitor(&app, &store).await;
    store
        .uncounted()
        .expire(&key_of(&cookie), Ttl::from_secs(9).unwrap())
        .await
        .unwrap();
    send(&app, "/read", Some(&cookie)).await;
    assert_eq!(store.calls(), [Operation::Get]);
}

#[tokio::test]
async fn an_eager_session_is_stored_when_it_is_first_read() {
    let store = Counting::new();
    let app = app_with(&store, Renew::Throttled, Creation::Eager);
    send(&app, "/untouched", None).await;
    assert_eq!(store.calls(), []);
    let cookie = cookie(&send(&app, "/read", None).await);
    assert_eq!(store.calls(), [Operation::Set]);
    send(&app, "/read", Some(&cookie)).await;
    assert_eq!(store.calls(), [Operation::Get]);
}
