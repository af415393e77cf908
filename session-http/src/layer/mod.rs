//! Sessions as tower middleware.

mod exclude;
mod future;
mod service;
mod session_layer;
mod skip;

pub use exclude::ExcludeError;
pub use future::SessionFuture;
pub use service::SessionService;
pub use session_layer::SessionLayer;
pub use skip::{SkipSession, SkipSessionService};
