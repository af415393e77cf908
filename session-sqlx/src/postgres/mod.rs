//! The store over PostgreSQL.

mod builder;
mod code;
mod housekeeping;
mod migrations;
mod operations;
mod options;
mod owner;
mod row;
mod sql;
mod store;

pub use builder::PostgresStoreBuilder;
pub use options::PostgresOptions;
pub use store::PostgresStore;
