//! HTTP sessions for tower and axum.

mod caching;
mod cookie;
#[cfg(feature = "axum")]
mod extract;
mod failure;
#[cfg(feature = "tower")]
mod layer;
mod manager;
mod slot;

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
