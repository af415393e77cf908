//! The page: a cart and a message in the visitor's session, plain HTML forms, no script.

mod account;
mod devices;
mod goods;
mod page;

use std::collections::BTreeMap;

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderName, Method, header},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::Deserialize;
use session_core::{Devices, Flash, Key, Message, SessionError};
use session_http::{CurrentUser, Session, SessionFailure};

use crate::guests::Guests;

/// How many of each of the goods.
type Cart = BTreeMap<String, u32>;

const CART: Key<Cart> = Key::new("cart");
/// What the next page tells the visitor, once.
const FLASH: Flash = Flash::new("flash");
/// As many of one thing as a cart takes.
const MOST: u32 = 99;

/// Nothing but this site's own style, and forms that go nowhere else.
const POLICY: (HeaderName, &str) = (
    header::CONTENT_SECURITY_POLICY,
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// The forms need no token against forgery: the session's cookie is `SameSite=Lax`, so a browser
/// does not send it along with a POST that another site makes.
pub(crate) fn routes(devices: Devices) -> Router {
    Router::new()
        .route("/", get(show))
        .with_state(devices.clone())
        .merge(account::routes(devices))
        .route("/style.css", get(style))
        .route("/cart/add", post(add))
        .route("/cart/empty", post(empty))
}

async fn show(
    method: Method,
    session: Session,
    guest: Option<CurrentUser<Guests>>,
    State(devices): State<Devices>,
) -> Result<impl IntoResponse, SessionFailure> {
    let messages = match method {
        // Who asks for the head alone shows nothing.
        Method::HEAD => Vec::new(),
        _ => FLASH.take(&session).await?,
    };
    let devices = match guest {
        Some(_) => devices.list(&session).await?,
        None => Vec::new(),
    };
    let page = page::Page {
        cart: cart(&session)?,
        messages,
        guest: guest.map(|guest| guest.name.clone()),
        devices,
    };
    // What it shows is this visitor's, and going back must not show a message again.
    let headers = [POLICY, (header::CACHE_CONTROL, "no-store")];
    Ok((headers, page.html()))
}

#[derive(Deserialize)]
struct Add {
    product: String,
}

async fn add(session: Session, Form(add): Form<Add>) -> Result<Redirect, SessionFailure> {
    let Some(product) = goods::find(&add.product) else {
        tell(&session, "We do not sell that.")?;
        return Ok(Redirect::to("/"));
    };
    // An update, so that two quick clicks count as two.
    session
        .update(|session| {
            let mut cart = cart(session)?;
            let count = cart.entry(product.id.to_owned()).or_default();
            if *count < MOST {
                *count += 1;
                session.insert(CART, &cart)?;
                tell(session, format!("{} is in your cart.", product.name))
            } else {
                tell(
                    session,
                    format!("{MOST} of {} is all we have.", product.name),
                )
            }
        })
        .await?;
    Ok(Redirect::to("/"))
}

async fn empty(session: Session) -> Result<Redirect, SessionFailure> {
    session.remove(CART);
    tell(&session, "Your cart is empty now.")?;
    Ok(Redirect::to("/"))
}

async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, include_str!("style.css"))
}

fn tell(session: &session_core::Session, message: impl Into<String>) -> Result<(), SessionError> {
    FLASH.push(session, &Message::info(message))
}

fn cart(session: &session_core::Session) -> Result<Cart, SessionError> {
    match session.get(CART) {
        // Put there through the JSON API; it is no cart of ours.
        Err(SessionError::Decode { .. }) => Ok(Cart::new()),
        cart => Ok(cart?.unwrap_or_default()),
    }
}
