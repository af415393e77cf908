//! What a session promises, seen from outside: through the public API, and by counting what
//! reaches the store.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a step that fails, fails the test; helpers are no test functions to clippy"
)]

mod answered;
mod calls_counted;
mod changes_in_flight;
mod configuration;
mod counters;
mod creation;
mod destroying;
mod emptied;
#[cfg(feature = "encryption")]
mod encryption_at_rest;
mod ended_in_flight;
mod fixation;
mod flash;
mod id_source;
mod lifetime;
mod lifetime_of_its_own;
mod lost_updates;
mod no_resurrection;
mod outage;
mod raw_bytes;
mod renewal;
mod rotated_in_flight;
mod saving;
mod secrets;
mod server_errors;
mod stored_form;
mod support;
mod sweeping;
mod switching_formats;
mod timeouts;
mod undecodable;
mod updates_undone;
mod updating;
