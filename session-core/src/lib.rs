//! Pluggable HTTP sessions: the contract for stores, and what stands on it.
//!
//! - [`Store`] is what a database must do to keep sessions: get, set, delete, expire, with a
//!   precondition on each set. Implement it for a database of your own, or take `session-memory`,
//!   `session-redis` or `session-sqlx`.
//! - [`ServerSideBackend`] turns the token of a request into a [`Session`], and what the handler did
//!   to it into store operations: no lost updates, no resurrection, no fixation.
//! - [`Session`] is what a handler holds.
//! - [`Flash`] leaves a message for the next page.
//! - [`Devices`] lists a user's sessions, and ends one, all others or all.
//! - [`Sweeper`] gives back the room of expired records.
//! - [`Cached`] puts a store in memory before a store elsewhere; [`Migrating`] moves sessions from one
//!   store to another while they are used, [`Replicated`] writes them to several, [`Namespaced`] keeps
//!   several kinds of them apart in one, and a [`StoreRegistry`] opens stores by URL and keeps them by name.
//!
//! This crate knows no database, no web framework and no runtime, but for tokio's timers: a store
//! that does not answer at once, a conflict, a rotation and the sweeper need one.
//! `session-http` wires it into tower and axum.
//!
//! ```
//! # use session_core::{ServerSideBackend, Store, TokenInstruction};
//! # async fn example(store: impl Store) -> Result<(), Box<dyn std::error::Error>> {
//! let backend = ServerSideBackend::builder(store).build()?;
//!
//! // A request comes in with the token that its client holds, or none.
//! let session = backend.load(None).await?;
//! session.insert("name", "Ada")?;
//!
//! // What changed is stored, and the client may need a word about its token.
//! if let TokenInstruction::Set(token) = backend.store(&session).await? {
//!     let again = backend.load(Some(token.text().as_bytes())).await?;
//!     assert_eq!(again.get::<String>("name")?.as_deref(), Some("Ada"));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! - `encryption`: what a store keeps is encrypted and authenticated (`Encryption`).

mod backend;
mod cached;
mod codec;
mod contract;
mod devices;
mod flash;
mod id;
mod session;
mod stores;
mod sweeper;
mod timeout;

pub use async_trait::async_trait;
pub use backend::{
    ConfigError, Counters, Creation, Emptied, Lifetime, OnServerError, Outage, Renew,
    ServerSideBackend, ServerSideBackendBuilder, Token, TokenInstruction, Undecodable,
};
pub use cached::Cached;
pub use codec::{DecodeError, EncodeError, Format};
#[cfg(feature = "encryption")]
pub use codec::{Encryption, EncryptionKeyError};
pub use contract::{
    FullStore, Maintain, NewRecord, Operation, OwnedRecord, OwnerIndex, Precondition, Record,
    SetOutcome, Store, StoreError, StoreErrorKind, Timestamp, Ttl, TtlError, Version,
};
pub use devices::{Device, Devices, Excess};
pub use flash::{Flash, Level, Message};
pub use id::{IdError, IdLength, IdSource, OsIdSource, SessionId, StoreKey, StoreKeyError};
pub use session::{Key, RESERVED_KEY, Session, SessionError, SessionKey, SignIn};
pub use stores::{
    Migrating, Namespaced, OnReplicaFailure, OpenStoreError, Replicated, StoreRegistry,
    UnknownStore,
};
pub use sweeper::Sweeper;
