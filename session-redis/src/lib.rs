//! Sessions in Redis or Valkey: a store for [`session_core`] over the [`redis`](https://docs.rs/redis) crate.
//!
//! - **One operation, one command**: a `get` is a `GET`, everything else one script, atomic by itself. They
//!   share one connection and wait for nobody else's answer.
//! - **One server, Sentinel or Cluster**, by a URL; or a `deadpool_redis` pool of yours.
//! - **The server decides** what has expired, and removes it by itself.
//! - **A near cache**, opt-in, that the server tells what is stale.
//!
//! ```no_run
//! // Not run: it needs a server.
//! use session_core::ServerSideBackend;
//! use session_redis::RedisStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = RedisStore::open("redis://redis.example").await?;
//! let backend = ServerSideBackend::builder(store).build()?;
//! # let _ = backend;
//! # Ok(()) }
//! ```
//!
//! # Features
//!
//! - `cluster`: `redis+cluster://` URLs;
//! - `sentinel`: `redis+sentinel://` URLs;
//! - `deadpool`: stores over a pool of yours;
//! - `near-cache`: `NearCache`;
//! - `tls-rustls`: TLS to the server.

#[cfg(feature = "deadpool")]
mod builder;
mod clock;
mod connect;
mod error;
mod housekeeping;
mod layout;
mod link;
mod names;
#[cfg_attr(not(feature = "near-cache"), path = "no_near.rs")]
mod near;
mod operations;
mod options;
mod owner;
mod reading;
mod run;
mod scan;
mod script;
#[cfg(feature = "cluster")]
mod steps;
mod store;
mod url;
mod writing;

#[cfg(feature = "deadpool")]
pub use builder::RedisStoreBuilder;
/// The pool, of the very version that the store takes.
#[cfg(feature = "deadpool")]
pub use deadpool_redis;
#[cfg(feature = "deadpool")]
pub use link::pool::RedisPool;
#[cfg(feature = "near-cache")]
pub use near::NearCache;
pub use options::RedisOptions;
/// The driver, for its certificates.
pub use redis;
pub use store::RedisStore;
