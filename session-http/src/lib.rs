//! Sessions in HTTP: cookies, a tower layer, axum extractors.
//!
//! - [`SessionLayer`] goes round an application, [`Session`] into its handlers' arguments.
//! - [`CookieConfig`] is the cookie that carries the token, checked at start-up.
//! - [`SessionManager`] does it all over plain headers, for any framework.
//!
//! Sessions themselves, and the settings of their lifetime and policies, are `session-core`'s
//! ([`session_core`], also re-exported here).
//!
//! ```
//! use axum::{Router, routing::get};
//! use session_http::{Session, SessionFailure, SessionLayer};
//!
//! async fn hello(session: Session) -> Result<String, SessionFailure> {
//!     let name = session.get::<String>("name")?;
//!     Ok(format!("Hello, {}", name.as_deref().unwrap_or("stranger")))
//! }
//!
//! # fn example(backend: session_core::ServerSideBackend) -> Router {
//! Router::new().route("/", get(hello)).layer(SessionLayer::new(backend))
//! # }
//! ```
//!
//! # Features
//!
//! - `axum` (default): the extractors, and failures as responses; brings `tower`.
//! - `tower`: the layer.
//! - `auth` (default): who is signed in, [`Auth`] and [`LoginRequired`]; brings `axum`.
//! - `encryption`: encryption at rest, in `session-core`.

#[cfg(feature = "auth")]
mod auth;
mod caching;
mod cookie;
#[cfg(feature = "axum")]
mod extract;
mod failure;
#[cfg(feature = "tower")]
mod layer;
mod manager;
mod slot;

#[cfg(feature = "auth")]
pub use auth::{
    Anonymous, Auth, AuthLayer, AuthRejection, AuthService, CurrentUser, LoginRequired,
    LoginRequiredService, Users, safe_next,
};
pub use cookie::{CookieConfig, CookieConfigBuilder, CookieError, SameSite};
#[cfg(feature = "axum")]
pub use extract::{Session, SessionRejection};
pub use failure::SessionFailure;
#[cfg(feature = "tower")]
pub use layer::{
    ExcludeError, SessionFuture, SessionLayer, SessionService, SkipSession, SkipSessionService,
};
pub use manager::SessionManager;
pub use session_core;
pub use slot::{Main, Slot};
