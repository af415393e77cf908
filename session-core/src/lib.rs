//! Pluggable HTTP sessions.

mod contract;
mod id;

pub use async_trait::async_trait;
pub use contract::{
    FullStore, Maintain, NewRecord, OwnedRecord, Operation, OwnerIndex, Precondition, Record,
    SetOutcome, Store, StoreError, StoreErrorKind, Timestamp, Ttl, TtlError, Version,
};
pub use id::{IdError, IdLength, IdSource, OsIdSource, SessionId, StoreKey, StoreKeyError};
