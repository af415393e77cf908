//! Handlers that fail, and a store that does.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

mod fixture;

use axum::{Router, routing::get};
use fixture::{Counting, all, cookie, send, text};
use http::{
    StatusCode,
    header::{CACHE_CONTROL, HeaderName, RETRY_AFTER, SET_COOKIE, VARY},
};
use session_core::{OnServerError, Operation, Outage, ServerSideBackend};
use session_http::{Session, SessionFailure, SessionLayer, SessionRejection};

async fn fail(session: Session) -> StatusCode {
    session.insert("n", &2).unwrap();
    StatusCode::INTERNAL_SERVER_ERROR
}

async fn destroy_and_fail(session: Session) -> StatusCode {
    session.destroy();
    StatusCode::BAD_GATEWAY
}

async fn write(session: Session) -> ([(HeaderName, &'static str); 1], &'static str) {
    session.insert("n", &1).unwrap();
    ([(HeaderName::from_static("x-claim"), "saved")], "saved")
}

async fn read(session: Session) -> String {
    format!("{:?}", session.get::<u32>("n").unwrap())
}

async fn degraded(session: Result<Session, SessionRejection>) -> &'static str {
    if session.is_ok() {
        "yours"
    } else {
        "for everyone"
    }
}

async fn cycle_save_write(session: Session) -> Result<(), SessionFailure> {
    session.cycle_id();
    session.save().await?;
    session.insert("large", &"x".repeat(2000))?;
    Ok(())
}

fn app(backend: ServerSideBackend) -> Router {
    Router::new()
        .route("/untouched", get(async || "hello"))
        .route("/read", get(read))
        .route("/write", get(write))
        .route("/degraded", get(degraded))
        .route("/fail", get(fail))
        .route("/destroy-fail", get(destroy_and_fail))
        .route("/cycle-save-write", get(cycle_save_write))
        .layer(SessionLayer::new(backend))
}

#[tokio::test]
async fn a_server_error_drops_the_changes_by_default() {
    let store = Counting::new();
    let app = app(store.backend());
    let cookie = cookie(&send(&app, "/write", None).await);
    store.calls();
    let response = send(&app, "/fail", Some(&cookie)).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(store.calls(), [Operation::Get]);
    assert_eq!(
        text(send(&app, "/read", Some(&cookie)).await).await,
        "Some(1)"
    );
    assert_eq!(all(&send(&app, "/fail", None).await, SET_COOKIE), [""; 0]);
}

#[tokio::test]
async fn a_server_error_stores_the_changes_where_that_is_wanted() {
    let store = Counting::new();
    let backend = store.builder().on_server_error(OnServerError::Commit);
    let app = app(backend.build().unwrap());
    let cookie = cookie(&send(&app, "/fail", None).await);
    assert_eq!(
        text(send(&app, "/read", Some(&cookie)).await).await,
        "Some(2)"
    );
}

#[tokio::test]
async fn an_end_is_an_end_whatever_the_status() {
    let store = Counting::new();
    let app = app(store.backend());
    let old = cookie(&send(&app, "/write", None).await);
    let response = send(&app, "/destroy-fail", Some(&old)).await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(cookie(&response), "__Host-id=");
    assert_eq!(text(send(&app, "/read", Some(&old)).await).await, "None");
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_answered_503() {
    let store = Counting::new();
    let app = app(store.backend());
    let cookie = cookie(&send(&app, "/write", None).await);
    store.fail_reads(true);
    for path in ["/read", "/write", "/destroy-fail"] {
        let response = send(&app, path, Some(&cookie)).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(all(&response, RETRY_AFTER), ["1"]);
        assert_eq!(all(&response, CACHE_CONTROL), ["no-store"]);
        assert_eq!(all(&response, SET_COOKIE), [""; 0]);
        assert!(response.extensions().get::<SessionFailure>().is_some());
        assert_eq!(text(response).await, "The session store is unavailable.");
    }
    assert_eq!(
        text(send(&app, "/untouched", Some(&cookie)).await).await,
        "hello"
    );
    store.fail_reads(false);
    assert_eq!(
        text(send(&app, "/read", Some(&cookie)).await).await,
        "Some(1)"
    );
}

#[tokio::test]
async fn a_response_that_claims_what_was_not_stored_is_replaced() {
    let store = Counting::new();
    let app = app(store.backend());
    store.fail_writes(true);
    let response = send(&app, "/write", None).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(all(&response, RETRY_AFTER), ["1"]);
    assert_eq!(all(&response, SET_COOKIE), [""; 0]);
    assert!(!response.headers().contains_key("x-claim"));
    assert!(response.extensions().get::<SessionFailure>().is_some());
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn an_end_that_cannot_be_stored_is_not_claimed() {
    let store = Counting::new();
    let app = app(store.backend());
    let cookie = cookie(&send(&app, "/write", None).await);
    store.fail_writes(true);
    let response = send(&app, "/destroy-fail", Some(&cookie)).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(all(&response, SET_COOKIE), [""; 0]);
}

#[tokio::test]
async fn a_new_id_that_was_saved_reaches_the_client_even_if_a_later_commit_fails() {
    let store = Counting::new();
    let backend = store.builder().max_bytes(1000);
    let app = app(backend.build().unwrap());
    let old = cookie(&send(&app, "/write", None).await);
    let response = send(&app, "/cycle-save-write", Some(&old)).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let new = cookie(&response);
    assert_ne!(new, old);
    assert_eq!(all(&response, CACHE_CONTROL), ["no-store"]);
    assert_eq!(text(send(&app, "/read", Some(&new)).await).await, "Some(1)");
    assert_eq!(text(send(&app, "/read", Some(&old)).await).await, "None");
}

#[tokio::test]
async fn a_read_only_outage_serves_readers_and_refuses_writers() {
    let store = Counting::new();
    let backend = store.builder().outage(Outage::AnonymousReadOnly);
    let app = app(backend.build().unwrap());
    let cookie = cookie(&send(&app, "/write", None).await);
    store.fail_reads(true);
    let read = send(&app, "/read", Some(&cookie)).await;
    assert_eq!(all(&read, SET_COOKIE), [""; 0]);
    assert_eq!(text(read).await, "None");
    let written = send(&app, "/write", Some(&cookie)).await;
    assert_eq!(written.status(), StatusCode::SERVICE_UNAVAILABLE);
    store.calls();
    store.fail_reads(false);
    assert_eq!(
        text(send(&app, "/read", Some(&cookie)).await).await,
        "Some(1)"
    );
}

#[tokio::test]
async fn what_is_answered_for_want_of_a_session_varies_by_it() {
    let store = Counting::new();
    let app = app(store.backend());
    let cookie = cookie(&send(&app, "/write", None).await);
    store.fail_reads(true);
    let response = send(&app, "/degraded", Some(&cookie)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(all(&response, VARY), ["Cookie"]);
    assert_eq!(text(response).await, "for everyone");
}
