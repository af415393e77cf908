//! The store over SQLite.

mod builder;
mod code;
mod housekeeping;
mod migrations;
mod operations;
mod options;
mod owner;
mod row;
mod sql;
mod statement;
mod store;

pub use builder::SqliteStoreBuilder;
pub use options::SqliteOptions;
pub use store::SqliteStore;
