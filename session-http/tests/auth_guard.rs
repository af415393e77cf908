//! What is answered to others where only users are served.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

mod fixture;

use axum::{Router, response::IntoResponse as _, routing::get};
use fixture::{
    Counting,
    members::{Members, call, signed_in, who, with_ada},
    send, text,
};
use http::{
    Method, StatusCode,
    header::{CACHE_CONTROL, LOCATION, SET_COOKIE},
};
use session_http::{Anonymous, AuthLayer, SessionLayer};

#[tokio::test]
async fn others_get_401_from_the_guard_and_from_the_extractor() {
    let (app, store, _) = with_ada(Anonymous::Unauthorized);
    let unknown = format!("__Host-id={}", "A".repeat(43));
    for cookie in [None, Some(unknown.as_str())] {
        for path in ["/mine/orders", "/mine/me", "/extracted"] {
            let response = send(&app, path, cookie).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
            assert!(!response.headers().contains_key(SET_COOKIE));
            assert_eq!(text(response).await, "Sign in first.");
        }
    }
    store.calls();
    let options = call(&app, Method::OPTIONS, "/mine/orders", None).await;
    assert_eq!(text(options).await, "any");
    assert!(store.calls().is_empty());
    let cookie = signed_in(&app).await;
    let orders = send(&app, "/mine/orders", Some(&cookie)).await;
    assert_eq!(text(orders).await, "your orders");
}

#[tokio::test]
async fn others_are_sent_to_sign_in_and_shown_the_way_back() {
    let (app, _, _) = with_ada(Anonymous::redirect("/login?from=guard"));
    let response = send(&app, "/mine/orders?page=2&q=a%20b", None).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let to = "/login?from=guard&next=/mine/orders%3Fpage%3D2%26q%3Da%2520b";
    assert_eq!(response.headers()[LOCATION], to);
    // What a browser would not do again by following a link is no way back.
    let response = call(&app, Method::POST, "/mine/orders", None).await;
    assert_eq!(response.headers()[LOCATION], "/login?from=guard");
    // A path that looks like another site's leads nowhere else.
    let response = send(&app, "//evil.example/mine", None).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn others_are_answered_as_the_application_likes() {
    let own = Anonymous::own(|to| {
        let text = format!("members only: {}", to.unwrap_or("-"));
        (StatusCode::FORBIDDEN, text).into_response()
    });
    let (app, _, _) = with_ada(own);
    let response = send(&app, "/mine/me", None).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(text(response).await, "members only: /mine/me");
}

#[tokio::test]
async fn a_missing_layer_is_the_servers_fault() {
    let app = Router::new().route("/", get(who));
    let app = app.layer(SessionLayer::new(Counting::new().backend()));
    let response = send(&app, "/", None).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let members = Members::default();
    let app = Router::new()
        .route("/", get(who))
        .layer(AuthLayer::new(members));
    let response = send(&app, "/", None).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
