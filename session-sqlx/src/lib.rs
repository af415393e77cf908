//! Sessions in a SQL database: stores for [`session_core`] over [`sqlx`](https://docs.rs/sqlx).
//!
//! | feature | store | needs |
//! |---|---|---|
//! | `sqlite` | `SqliteStore` | a file or memory; SQLite is compiled in |
//! | `postgres` | `PostgresStore` | PostgreSQL 12 or later |
//! | `mysql` | `MySqlStore` | MySQL 8 or MariaDB 10.6, or later |
//!
//! No feature is on by default. What holds for every store here:
//!
//! - **One operation, one statement**, prepared once per connection and atomic by itself: a future
//!   that is dropped half-way leaves the operation done whole or not at all. Only `purge_expired`,
//!   `delete_all` and `delete_owner` of `MySqlStore` are more.
//! - **The database's clock decides** what has expired, in whole milliseconds since 1970; the time
//!   zone of a connection plays no part.
//! - **One table**, whose name is checked and yours to choose, with the columns `id` (the digest
//!   of the session's ID, never the ID), `user_id`, `data`, `expires_at`, `created_at`,
//!   `updated_at` and `version`. Several stores share a database by using a table each.
//! - **Migrations** are readable SQL, run by the store or handed to you as [`Migration`]s.
//!
//! Expired rows count as absent at once but stay in the table until
//! [`Maintain::purge_expired`](session_core::Maintain::purge_expired) takes them.
#![cfg_attr(
    feature = "sqlite",
    doc = "
```
use session_core::{NewRecord, Precondition, Store, StoreKey, Ttl};
use session_sqlx::SqliteStore;

# tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
let store = SqliteStore::open_in_memory().await?;
let (key, ttl) = (StoreKey::digest(b\"secret\"), Ttl::from_secs(3600)?);
let _ = store.set(&key, &NewRecord::new(b\"data\"), ttl, Precondition::Absent).await?;
assert_eq!(store.get(&key).await?.unwrap().data, \"data\");
# Ok::<(), Box<dyn std::error::Error>>(())
# })?;
# Ok::<(), Box<dyn std::error::Error>>(())
```"
)]

#[cfg(any(feature = "postgres", feature = "mysql"))]
mod again;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod error;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod finish;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod migration;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod opening;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod plain;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod table;

#[cfg(feature = "mysql")]
pub use crate::mysql::{MySqlOptions, MySqlStore, MySqlStoreBuilder};
#[cfg(feature = "postgres")]
pub use crate::postgres::{PostgresOptions, PostgresStore, PostgresStoreBuilder};
#[cfg(feature = "sqlite")]
pub use crate::sqlite::{SqliteOptions, SqliteStore, SqliteStoreBuilder};
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub use crate::{migration::Migration, table::TableNameError};

/// The driver, for making a pool of the very version that the stores take.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub use sqlx;
