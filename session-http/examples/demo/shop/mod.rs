//! The page: a cart and a message in the visitor's session, plain HTML forms, no script.

mod goods;
mod page;

use std::collections::BTreeMap;

use axum::{
    Form, Router,
    http::{HeaderName, Method, header},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde::Deserialize;
use session_core::{Key, SessionError};
use session_http::{Session, SessionFailure};

/// How many of each of the goods.
type Cart = BTreeMap<String, u32>;

const CART: Key<Cart> = Key::new("cart");
/// What the next page tells the visitor, once.
const FLASH: Key<String> = Key::new("flash");
/// As many of one thing as a cart takes.
const MOST: u32 = 99;

/// Nothing but this site's own style, and forms that go nowhere else.
const POLICY: (HeaderName, &str) = (
    header::CONTENT_SECURITY_POLICY,
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// The forms need no token against forgery: the session's cookie is `SameSite=Lax`, so a browser
/// does not send it along with a POST that another site makes.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/", get(show))
        .route("/style.css", get(style))
        .route("/cart/add", post(add))
        .route("/cart/empty", post(empty))
}

async fn show(method: Method, session: Session) -> Result<impl IntoResponse, SessionFailure> {
    // An update, so that of two pages that load at once only one takes the message. Who asks for the
    // head alone shows nothing.
    let flash = session.update(|session| match method {
        Method::HEAD => Ok(None),
        _ => session.take(FLASH),
    });
    let flash = match flash.await {
        // The JSON API can put anything under any key, and another request can end the session.
        Err(SessionError::Decode { .. } | SessionError::Ended) => None,
        other => other?,
    };
    // What it shows is this visitor's, and going back must not show a message again.
    let headers = [POLICY, (header::CACHE_CONTROL, "no-store")];
    Ok((headers, page::shop(&cart(&session)?, flash.as_deref())))
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
    session.insert(FLASH, &message.into()).map(drop)
}

fn cart(session: &session_core::Session) -> Result<Cart, SessionError> {
    match session.get(CART) {
        // Put there through the JSON API; it is no cart of ours.
        Err(SessionError::Decode { .. }) => Ok(Cart::new()),
        cart => Ok(cart?.unwrap_or_default()),
    }
}
