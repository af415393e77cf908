//! The JSON API over the visitor's session.

mod account;
mod asked;
mod number;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use serde_json::{Map, Value, json};
use session_core::Devices;
use session_http::Session;

use crate::errors::Problem;
use asked::Asked;

pub(crate) fn routes(devices: Devices) -> Router {
    Router::new()
        .route("/session", get(everything))
        .route("/session/{key}", get(value).put(put).delete(remove))
        .route("/session/{key}/increment", post(increment))
        .route("/session/clear", post(clear))
        .route("/cycle", post(cycle))
        .route("/logout", post(logout))
        .merge(account::routes(devices))
}

async fn everything(Query(asked): Query<Asked>, session: Session) -> Result<Json<Value>, Problem> {
    asked.hold().await;
    let data: Map<String, Value> = session.entries()?.into_iter().collect();
    Ok(Json(json!({
        "is_new": session.is_new(),
        "user": session.owner().as_deref(),
        "data": data,
        // Up, so that a session with some time left does not say it has none.
        "expires_in": session.expires_in().map(|left| left.as_millis().div_ceil(1000)),
    })))
}

async fn value(
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    session: Session,
) -> Result<Json<Value>, Problem> {
    asked.hold().await;
    match session.get(&key)? {
        Some(value) => Ok(Json(value)),
        None => Err(Problem::new(
            StatusCode::NOT_FOUND,
            "The session has no such value.",
        )),
    }
}

async fn put(
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    session: Session,
    body: Bytes,
) -> Result<Response, Problem> {
    let value: Value = serde_json::from_slice(&body).map_err(|error| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            format!("The body is not JSON: {error}"),
        )
    })?;
    asked.hold().await;
    session.insert(key, &value)?;
    Ok(asked.answer())
}

async fn remove(
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    session: Session,
) -> StatusCode {
    asked.hold().await;
    session.remove(&key);
    StatusCode::NO_CONTENT
}

async fn increment(
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    session: Session,
) -> Result<Json<Value>, Problem> {
    asked.hold().await;
    // Runs again whenever another request was quicker, so it does nothing but work on the session.
    let next = session
        .update(|session| match number::after(session.get(&key)?) {
            Some(next) => session.insert(&key, &next).map(|_| Some(next)),
            None => Ok(None),
        })
        .await?;
    match next {
        Some(next) => Ok(Json(next)),
        None => Err(Problem::new(
            StatusCode::CONFLICT,
            "The value is not a number that can grow by one.",
        )),
    }
}

async fn clear(session: Session) -> StatusCode {
    session.clear();
    StatusCode::NO_CONTENT
}

async fn cycle(Query(asked): Query<Asked>, session: Session) -> Response {
    asked.hold().await;
    session.cycle_id();
    asked.answer()
}

/// Ends the session here and now, not only once the response is sent.
async fn logout(Query(asked): Query<Asked>, session: Session) -> Result<StatusCode, Problem> {
    asked.hold().await;
    session.destroy();
    session.save().await?;
    Ok(StatusCode::NO_CONTENT)
}
