#![doc = include_str!("../README.md")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a law speaks by panicking: that is how a test fails"
)]

mod capability;
mod harness;
pub mod laws;
mod macros;
mod registry;
mod steps;
mod tested;

pub use capability::{IndexedStore, MaintainedStore};
pub use harness::{REQUIRE, check, skip};
pub use registry::{Law, laws};
pub use tested::Tested;

/// The traits by which the macros know what they test.
#[doc(hidden)]
pub mod kind {
    pub use session_core::{FullStore, Store};

    pub use crate::{IndexedStore, MaintainedStore};
}
