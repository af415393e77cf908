//! Starts the servers that the tests need: PostgreSQL, MariaDB and Redis, as Debian's packages have
//! them, on free loopback ports, with their data in a temporary folder.
//!
//! - [`shared`] is the one server of its kind that all tests of a run use, each with a database,
//!   a table or a prefix of its own. The first test starts it, and it ends by itself a few seconds
//!   after the last one that used it, however that ended. An address in the environment
//!   (`SESSION_TEST_POSTGRES_URL`, `SESSION_TEST_MARIADB_URL`, `SESSION_TEST_REDIS_URL`,
//!   `SESSION_TEST_REDIS_CLUSTER_URL`, `SESSION_TEST_REDIS_SENTINEL_URL`) is used instead.
//! - [`Server`] is one that belongs to a single test, which may stop, kill, pause and restart it. It is
//!   gone with its handle, also if the test panics or is killed.
//! - [`Cluster`] and [`Sentinel`] are groups of such servers: a Redis Cluster, and a Redis master with
//!   replicas and sentinels.
//! - [`Relay`] stands between a client and a server, counts their round trips, and loses an answer,
//!   holds a request back or cuts the connections when it is told to.
//!
//! A server whose program is not installed is `None`, and says so; with `SESSION_TEST_REQUIRE=all`
//! it is a panic.
//!
//! ```no_run
//! // Not run: it needs a server's program.
//! use session_test_servers::{Kind, Server};
//!
//! if let Some(server) = Server::start(Kind::Postgres) {
//!     println!("{}", server.url());
//!     server.kill();
//!     server.restart();
//! }
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot get its server fails by panicking"
)]

mod command;
mod group;
mod hold;
mod keeper;
mod kind;
mod ports;
mod program;
mod redis;
mod relay;
mod relayed;
mod require;
mod run;
mod server;
mod shared;
mod single;

pub use hold::Hold;
pub use kind::Kind;
pub use redis::{Cluster, Sentinel};
pub use relay::Relay;
pub use server::Server;
pub use shared::shared;
