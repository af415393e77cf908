//! Sessions side by side: instructions, heap allocations and throughput of one request, and the
//! heap that a session takes, ours beside other libraries and beside handlers written by hand.
//!
//! The program `session-bench` prints the table; `README.md` says how it measures.

pub mod client;
pub mod contenders;
pub mod goals;
pub mod measure;
pub mod sample;
pub mod table;
pub mod work;

/// Whatever stops a measurement.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
