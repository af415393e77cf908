//! What a handler holds: one request's view of a session, and what it does to it.

mod changes;
mod entries;
mod error;
mod handle;
mod key;
mod lifetime;
mod plan;
mod state;
mod storing;

pub use error::SessionError;
pub use handle::Session;
pub(crate) use handle::Shared;
pub use key::{Key, SessionKey};
pub use lifetime::RESERVED_KEY;
pub(crate) use plan::{Plan, Rules, Write};
pub(crate) use state::{Origin, State, Stored};
