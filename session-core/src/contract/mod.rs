//! The store contract: what a database must do to keep sessions.

mod error;
mod forward;
mod maintain;
mod owner;
mod precondition;
mod record;
mod store;
mod timestamp;
mod ttl;
mod version;

pub use error::{Operation, StoreError, StoreErrorKind};
pub use maintain::Maintain;
pub use owner::{FullStore, OwnerIndex};
pub use precondition::{Precondition, SetOutcome};
pub use record::{NewRecord, OwnedRecord, Record};
pub use store::Store;
pub use timestamp::Timestamp;
pub use ttl::{Ttl, TtlError};
pub use version::Version;
