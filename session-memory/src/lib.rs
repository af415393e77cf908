//! A session store in this process's memory: for one server, for tests, and for trying things out.
//!
//! [`MemoryStore`] implements the whole contract of [`session_core`]: [`Store`], [`Maintain`] and
//! [`OwnerIndex`]. [`moka`](https://docs.rs/moka) finds the records and drops the least recently
//! used ones when the memory is spent.
//!
//! ```
//! use session_core::{NewRecord, OwnerIndex, Precondition, Store, StoreKey, Ttl};
//! use session_memory::MemoryStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = MemoryStore::builder().max_bytes(64 << 20).build()?;
//! let key = StoreKey::digest(b"the bytes of a session ID");
//! let record = NewRecord::new(b"theme=dark").owner(Some("alice"));
//! store.set(&key, &record, Ttl::from_secs(1800)?, Precondition::Absent).await?;
//!
//! assert_eq!(store.get(&key).await?.unwrap().data, "theme=dark");
//! assert_eq!(store.delete_owner("alice", None).await?, 1);
//! assert!(!store.exists(&key).await?);
//! # Ok(())
//! # }
//! ```
//!
//! # The byte budget
//!
//! [`max_bytes`](MemoryStoreBuilder::max_bytes) bounds the memory of all records. A record is
//! charged for its data, for its owner's name plus 120 bytes, and for 490 bytes of keys, nodes
//! and indexes, rounded up by an eighth at most; what the memory allocator adds is not counted.
//!
//! - A full store takes every new record and drops the least recently used ones for it. Reads and
//!   writes both count as use. [`evicted`](MemoryStore::evicted) counts the dropped.
//! - A record larger than the whole budget is refused with
//!   [`TooLarge`](session_core::StoreErrorKind::TooLarge), never dropped in silence.
//! - Room is made in batches: up to 64 small writes, or more while many threads write at once, may
//!   be over the budget for a moment, and what is dropped is freed when no thread can be reading it
//!   any more, a few operations later. A record over a thousandth of the budget has room made at
//!   once.
//!
//! # Expiry
//!
//! An expired record is absent from the very moment, but takes its memory until
//! [`purge_expired`](session_core::Maintain::purge_expired) is called, which a sweeper does from time to time.
//! Time is this machine's monotonic clock; only `created_at` and `age` come from its wall clock.
//!
//! # What it is not
//!
//! Sessions are gone when the process ends, and no other process sees them.
//!
//! [`Store`]: session_core::Store
//! [`Maintain`]: session_core::Maintain
//! [`OwnerIndex`]: session_core::OwnerIndex

mod builder;
mod clock;
mod cost;
mod deadlines;
mod error;
mod hasher;
mod kept;
mod ledger;
mod owners;
mod records;
mod seats;
mod slot;
mod store;
mod stripes;

pub use builder::MemoryStoreBuilder;
pub use error::MemoryStoreConfigError;
pub use store::MemoryStore;
