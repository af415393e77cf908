//! From a client's token to a session, and from a session's changes to the store.

mod answering;
mod builder;
mod committing;
mod counters;
mod error;
mod lifetime;
mod loading;
mod operations;
mod policy;
mod server_side;
mod token;

pub use builder::ServerSideBackendBuilder;
pub use counters::Counters;
pub use error::ConfigError;
pub use lifetime::{Lifetime, Renew};
pub use policy::{Creation, Emptied, OnServerError, Outage, Undecodable};
pub use server_side::ServerSideBackend;
pub use token::{Token, TokenInstruction};
