//! Every error as `{"error": "one clear sentence"}`.

use std::any::Any;

use axum::{
    Json,
    body::to_bytes,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use serde_json::json;
use session_core::{SessionError, StoreError};
use session_http::SessionFailure;

/// What a handler of the JSON API answers instead.
#[derive(Debug)]
pub(crate) enum Problem {
    Is(StatusCode, String),
    Session(SessionFailure),
}

impl Problem {
    pub(crate) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self::Is(status, sentence.into())
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match &error {
            // To the library a fault of the program; here clients choose the keys.
            SessionError::ReservedKey => {
                Self::new(StatusCode::BAD_REQUEST, sentence(&error.to_string()))
            }
            _ => Self::Session(error.into()),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Session(error.into())
    }
}

impl axum::response::IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Is(status, sentence) => (status, sentence).into_response(),
            Self::Session(failure) => failure.into_response(),
        }
    }
}

/// Gives every answer that is an error the one form: those of handlers, of axum's extractors and
/// routing, and of the session layer, whose answer has no body.
pub(crate) async fn as_json(response: Response) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = match parts.extensions.get::<SessionFailure>() {
        Some(failure) => failure.message().to_owned(),
        None => to_bytes(body, 4096)
            .await
            .ok()
            .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok())
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| status.canonical_reason().unwrap_or("error").to_owned()),
    };
    let json = Json(json!({ "error": sentence(&text) }));
    parts.headers.remove(CONTENT_LENGTH);
    parts
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, json.into_response().into_body())
}

/// The answer of a handler that panicked.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    let sentence = "The server failed to answer this request.";
    (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().chain(letters).collect();
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}
