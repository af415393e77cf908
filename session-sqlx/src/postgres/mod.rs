//! The store over PostgreSQL.

mod builder;
mod code;
mod connection;
mod details;
mod housekeeping;
mod migrations;
mod operations;
mod options;
mod owner;
mod row;
mod schema;
mod sql;
mod store;

pub(crate) use details::without_details;

pub use builder::PostgresStoreBuilder;
pub use options::PostgresOptions;
pub use store::PostgresStore;
