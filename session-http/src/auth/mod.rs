//! Who is signed in: an application's users in its sessions.

mod anonymous;
mod extract;
mod failure;
mod layer;
mod next;
mod required;
mod signing;
mod slot;
mod users;

pub use anonymous::Anonymous;
pub use extract::CurrentUser;
pub use failure::AuthRejection;
pub use layer::{AuthLayer, AuthService};
pub use next::safe_next;
pub use required::{LoginRequired, LoginRequiredService};
pub use signing::Auth;
pub use users::Users;
