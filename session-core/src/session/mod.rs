//! What a handler holds: one request's view of a session, and what it does to it.

mod changes;
mod entries;
mod error;
mod handle;
mod key;
mod lifetime;
mod marks;
mod plan;
mod settling;
mod sign_in;
mod state;
mod stored;
mod storing;
mod undo;

use changes::Changes;

pub use error::SessionError;
pub use handle::Session;
pub(crate) use handle::Shared;
pub use key::{Key, SessionKey};
pub use lifetime::RESERVED_KEY;
pub(crate) use lifetime::{Own, Signed};
pub(crate) use marks::Marks;
pub(crate) use plan::{Plan, RotatedFrom, Rules, Write};
pub use sign_in::SignIn;
pub(crate) use state::{Origin, Rotation, State};
pub(crate) use stored::Stored;
