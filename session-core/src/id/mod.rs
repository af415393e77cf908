//! What names a session: the secret ID for the client, its digest for the store.

mod session_id;
mod source;
mod store_key;

pub use session_id::{IdLength, SessionId};
pub use source::{IdError, IdSource, OsIdSource};
pub use store_key::{StoreKey, StoreKeyError};
