//! Pluggable HTTP sessions: the contract for stores, and what stands on it.

mod backend;
mod codec;
mod contract;
mod id;
mod session;
mod sweeper;

pub use async_trait::async_trait;
pub use backend::{
    ConfigError, Counters, Creation, Emptied, Lifetime, OnServerError, Outage, Renew,
    ServerSideBackend, ServerSideBackendBuilder, Token, TokenInstruction, Undecodable,
};
pub use codec::{DecodeError, EncodeError, Format};
#[cfg(feature = "encryption")]
pub use codec::{Encryption, EncryptionKeyError};
pub use contract::{
    FullStore, Maintain, NewRecord, Operation, OwnedRecord, OwnerIndex, Precondition, Record,
    SetOutcome, Store, StoreError, StoreErrorKind, Timestamp, Ttl, TtlError, Version,
};
pub use id::{IdError, IdLength, IdSource, OsIdSource, SessionId, StoreKey, StoreKeyError};
pub use session::{Key, RESERVED_KEY, Session, SessionError, SessionKey};
pub use sweeper::Sweeper;
