//! Signing in and out on the page, and the list of a user's devices.

use axum::{Form, Router, extract::State, http::HeaderMap, response::Redirect, routing::post};
use serde::Deserialize;
use session_core::{Devices, Message, SessionError};
use session_http::{Auth, Session, SessionFailure};

use super::FLASH;
use crate::guests::{Guest, Guests, how};

pub(super) fn routes(devices: Devices) -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/devices/end", post(end))
        .route("/devices/end-others", post(end_others))
        .with_state(devices)
}

#[derive(Deserialize)]
struct Login {
    user: String,
    /// A box that is ticked, or is not there.
    remember: Option<String>,
}

async fn login(
    headers: HeaderMap,
    mut auth: Auth<Guests>,
    Form(login): Form<Login>,
) -> Result<Redirect, SessionFailure> {
    let message = match Guest::named(&login.user) {
        Some(guest) => {
            let how = how(&headers, login.remember.is_some())?;
            let message = Message::success(format!("Welcome, {}.", guest.name));
            auth.login(guest, how);
            message
        }
        None => Message::error("A name has 1 to 64 characters."),
    };
    FLASH.push(auth.session(), &message)?;
    Ok(Redirect::to("/"))
}

async fn logout(mut auth: Auth<Guests>) -> Result<Redirect, SessionFailure> {
    auth.logout().await?;
    // Into a fresh session, which holds this and nothing else.
    FLASH.push(auth.session(), &Message::success("You are signed out."))?;
    Ok(Redirect::to("/"))
}

#[derive(Deserialize)]
struct End {
    handle: String,
}

async fn end(
    session: Session,
    State(devices): State<Devices>,
    Form(end): Form<End>,
) -> Result<Redirect, SessionFailure> {
    let message = if devices.end(&session, &end.handle).await? {
        Message::success("That device is signed out.")
    } else {
        Message::warning("That device was signed out already.")
    };
    tell(&session, &message)
}

async fn end_others(
    session: Session,
    State(devices): State<Devices>,
) -> Result<Redirect, SessionFailure> {
    let message = match devices.end_others(&session).await? {
        0 => Message::info("No other device is signed in."),
        1 => Message::success("One other device is signed out."),
        ended => Message::success(format!("{ended} other devices are signed out.")),
    };
    tell(&session, &message)
}

fn tell(session: &Session, message: &Message) -> Result<Redirect, SessionFailure> {
    match FLASH.push(session, message) {
        // This device was the one.
        Ok(()) | Err(SessionError::Ended) => Ok(Redirect::to("/")),
        Err(error) => Err(error.into()),
    }
}
