//! The same routes without a session: what no library can go below.

use axum::{
    Router,
    http::{HeaderName, header::SET_COOKIE},
    routing::get,
};

use crate::sample;

const COOKIE: &str = "id=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; HttpOnly";

pub(super) fn router() -> Router {
    Router::new()
        .route("/none", get(none))
        .route("/seed", get(seed))
        .route("/read", get(read))
        .route("/write", get(number))
        .route("/seen", get(number))
        .route("/new", get(new))
}

async fn none() -> &'static str {
    "none"
}

async fn seed() -> [(HeaderName, &'static str); 1] {
    [(SET_COOKIE, COOKIE)]
}

async fn read() -> String {
    sample::TEXTS[3].1.to_owned()
}

async fn number() -> String {
    sample::next_number().to_string()
}

async fn new() -> ([(HeaderName, &'static str); 1], String) {
    ([(SET_COOKIE, COOKIE)], number().await)
}
