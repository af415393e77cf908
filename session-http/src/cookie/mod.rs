//! The cookie as the transport of a session's token.

mod check;
mod config;
mod read;
mod write;

pub use check::CookieError;
pub use config::{CookieConfig, CookieConfigBuilder, SameSite};
pub(crate) use read::{is_set, token};
