//! Which requests have which session, and what stays of the handler's own response.
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
    header::{CACHE_CONTROL, SET_COOKIE, VARY},
};
use session_http::{CookieConfig, Session, SessionLayer, SkipSession};

enum Admin {}

async fn is_there(session: Option<Session>) -> String {
    session.is_some().to_string()
}

async fn write(session: Session) {
    session.insert("n", &1).unwrap();
}

#[tokio::test]
async fn excluded_paths_have_no_session() {
    let store = Counting::new();
    let layer = SessionLayer::new(store.backend());
    let layer = layer.exclude(["^/static/"]).unwrap();
    let layer = layer.exclude(["^/healthz$"]).unwrap();
    let app = Router::new().fallback(is_there).layer(layer);
    for (path, there) in [
        ("/static/style.css", "false"),
        ("/healthz", "false"),
        ("/healthz/", "true"),
        ("/a/static/", "true"),
        ("/", "true"),
    ] {
        assert_eq!(text(send(&app, path, None).await).await, there, "{path}");
    }
}

#[test]
fn a_pattern_that_is_none_is_refused_at_start() {
    let layer = SessionLayer::new(Counting::new().backend());
    let error = layer.exclude(["^/ok", "(unclosed"]).unwrap_err();
    assert!(error.to_string().contains("(unclosed"));
}

#[tokio::test]
async fn single_routes_can_opt_out() {
    let store = Counting::new();
    let app = Router::new()
        .route(
            "/without",
            get(is_there).layer(SkipSession::<session_http::Main>::new()),
        )
        .route("/with", get(is_there))
        .layer(SessionLayer::new(store.backend()));
    let cookie = format!("__Host-id={}", "A".repeat(43));
    assert_eq!(
        text(send(&app, "/without", Some(&cookie)).await).await,
        "false"
    );
    assert_eq!(store.calls(), []);
    assert_eq!(text(send(&app, "/with", Some(&cookie)).await).await, "true");
}

#[tokio::test]
async fn a_handler_without_its_layer_is_a_fault_of_the_server() {
    let app = Router::new()
        .route("/write", get(write))
        .route("/optional", get(is_there));
    let response = send(&app, "/write", None).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(text(send(&app, "/optional", None).await).await, "false");
}

#[tokio::test]
async fn sessions_are_told_apart_by_type() {
    async fn both(main: Session, admin: Session<Admin>) -> String {
        main.insert("who", "visitor").unwrap();
        admin.insert("who", "admin").unwrap();
        let read = |session: &session_core::Session| session.get::<String>("who").unwrap().unwrap();
        format!("{} {}", read(&main), read(&admin))
    }
    async fn admin_only(admin: Session<Admin>) -> String {
        format!("{:?}", admin.get::<String>("who").unwrap())
    }
    let (main, admin) = (Counting::new(), Counting::new());
    let cookie = CookieConfig::builder()
        .name("__Host-admin")
        .build()
        .unwrap();
    let app = Router::new()
        .route("/both", get(both))
        .route("/admin", get(admin_only))
        .layer(SessionLayer::new(main.backend()))
        .layer(SessionLayer::<Admin>::of_type(admin.backend(), cookie));
    let response = send(&app, "/both", None).await;
    let cookies = all(&response, SET_COOKIE);
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    assert_eq!(text(response).await, "visitor admin");
    let pair = |name: &str| {
        let cookie = cookies
            .iter()
            .find(|cookie| cookie.starts_with(name))
            .unwrap();
        cookie.split(';').next().unwrap().to_owned()
    };
    main.calls();
    let pairs = format!("{}; {}", pair("__Host-id="), pair("__Host-admin="));
    assert_eq!(
        text(send(&app, "/admin", Some(&pairs)).await).await,
        "Some(\"admin\")"
    );
    assert_eq!(main.calls(), []);
    // The one's token is nothing to the other.
    let swapped = pair("__Host-id=").replace("__Host-id", "__Host-admin");
    assert_eq!(
        text(send(&app, "/admin", Some(&swapped)).await).await,
        "None"
    );
}

#[tokio::test]
async fn the_handlers_own_headers_stay() {
    async fn headers(session: Session) -> [(http::HeaderName, &'static str); 3] {
        session.insert("n", &1).unwrap();
        [
            (SET_COOKIE, "theme=dark"),
            (CACHE_CONTROL, "private, no-store"),
            (VARY, "Accept"),
        ]
    }
    let app = Router::new()
        .route("/", get(headers))
        .layer(SessionLayer::new(Counting::new().backend()));
    let response = send(&app, "/", None).await;
    let cookies = all(&response, SET_COOKIE);
    assert_eq!(cookies.len(), 2);
    assert_eq!(cookies[0], "theme=dark");
    assert!(cookies[1].starts_with("__Host-id="));
    assert_eq!(all(&response, CACHE_CONTROL), ["private, no-store"]);
    assert_eq!(all(&response, VARY), ["Accept", "Cookie"]);
}

#[tokio::test]
async fn a_weaker_cache_directive_gives_way_only_where_a_token_is_sent() {
    async fn public(session: Session) -> [(http::HeaderName, &'static str); 1] {
        session.insert("n", &1).unwrap();
        [(CACHE_CONTROL, "public, max-age=60")]
    }
    let app = Router::new()
        .route("/", get(public))
        .layer(SessionLayer::new(Counting::new().backend()));
    let first = send(&app, "/", None).await;
    assert_eq!(all(&first, CACHE_CONTROL), ["no-store"]);
    let second = send(&app, "/", Some(&cookie(&first))).await;
    assert_eq!(all(&second, CACHE_CONTROL), ["public, max-age=60"]);
}
