//! The store over MySQL and MariaDB.

mod builder;
mod code;
mod connection;
mod details;
mod housekeeping;
mod lent;
mod migrations;
mod operations;
mod options;
mod owner;
mod row;
mod schema;
mod size;
mod sql;
mod statement;
mod store;

pub(crate) use details::without_values;

pub use builder::MySqlStoreBuilder;
pub use options::MySqlOptions;
pub use store::MySqlStore;
