//! Black-box tests of the demo application: the real program on a free port, over its HTTP API.
//!
//! Most run on `memory:` with one process, and with two processes on one SQLite file; what may depend on
//! the store also with two processes on one PostgreSQL and on one MariaDB database, on one Redis server and
//! in one Redis Cluster, with and without near caches. Without those servers, a test says that it is
//! skipped, unless `SESSION_TEST_REQUIRE=all`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and so does what makes it ready"
)]

mod harness;

mod api;
mod browser;
mod cookies;
mod damage;
mod devices;
mod disconnects;
mod expiry;
mod fixation;
mod headers;
mod hostile;
mod late_answers;
mod lost_updates;
mod near_cache;
mod outage;
mod outage_of_cluster;
mod outage_of_sentinel;
mod outage_of_servers;
mod rotation;
mod secrets;
mod shop;
mod signing_in;
mod starting;
mod sweeping;
mod unreachable;
