//! Black-box tests of the demo application: the real program on a free port, over its HTTP API.
//!
//! Most run twice: on `memory:` with one process, and on one SQLite file with two processes.
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
mod disconnects;
mod expiry;
mod fixation;
mod headers;
mod hostile;
mod late_answers;
mod lost_updates;
mod outage;
mod rotation;
mod secrets;
mod shop;
mod starting;
mod sweeping;
