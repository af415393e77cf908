//! Signing in, and the list of a user's devices.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::{delete, get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use session_core::{Device, Devices};
use session_http::{Auth, CurrentUser, Session};

use super::asked::Asked;
use crate::{
    errors::Problem,
    guests::{Guest, Guests, how},
};

pub(super) fn routes(devices: Devices) -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/me", get(me))
        .route("/devices", get(list))
        .route("/devices/{handle}", delete(end))
        .route("/devices/revoke-others", post(revoke_others))
        .with_state(devices)
}

#[derive(Deserialize)]
struct Login {
    user: String,
    #[serde(default)]
    remember: bool,
}

async fn login(
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    mut auth: Auth<Guests>,
    body: Bytes,
) -> Result<Response, Problem> {
    let refused = |sentence: String| Problem::new(StatusCode::BAD_REQUEST, sentence);
    let login: Login = serde_json::from_slice(&body)
        .map_err(|error| refused(format!("The body is no sign-in: {error}")))?;
    let Some(guest) = Guest::named(&login.user) else {
        return Err(refused(
            "The user needs a name of 1 to 64 characters.".to_owned(),
        ));
    };
    asked.hold().await;
    let how = how(&headers, login.remember).map_err(session_core::SessionError::from)?;
    auth.login(guest, how);
    Ok(asked.answer())
}

async fn me(guest: CurrentUser<Guests>) -> Json<Value> {
    Json(json!({ "user": guest.name }))
}

async fn list(
    _: CurrentUser<Guests>,
    session: Session,
    State(devices): State<Devices>,
) -> Result<Json<Vec<Value>>, Problem> {
    let devices = devices.list(&session).await?;
    Ok(Json(devices.iter().map(told).collect()))
}

/// Times are milliseconds since 1970.
fn told(device: &Device) -> Value {
    json!({
        "handle": device.handle(),
        "current": device.is_current(),
        "created_at": device.created_at().as_unix_millis(),
        "last_seen": device.last_seen().as_unix_millis(),
        "user_agent": device.user_agent(),
    })
}

async fn end(
    _: CurrentUser<Guests>,
    session: Session,
    State(devices): State<Devices>,
    Path(handle): Path<String>,
) -> Result<StatusCode, Problem> {
    if devices.end(&session, &handle).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        "You have no such device.",
    ))
}

async fn revoke_others(
    _: CurrentUser<Guests>,
    session: Session,
    State(devices): State<Devices>,
) -> Result<Json<Value>, Problem> {
    let revoked = devices.end_others(&session).await?;
    Ok(Json(json!({ "revoked": revoked })))
}
