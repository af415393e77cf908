//! `PostgresStore` keeps every law of the store contract, whatever a session of the server is set to.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use session_core::FullStore;
use session_sqlx::{PostgresOptions, PostgresStore};

/// A store with a table and a few connections of its own.
async fn store(settings: &[(&str, &str)]) -> PostgresStore {
    let connect = server::postgres().options(settings.iter().copied());
    let options = PostgresOptions::connect(connect).max_connections(16);
    let options = options.table(&server::fresh_table()).unwrap();
    options.open().await.unwrap()
}

macro_rules! under {
    ($($module:ident: $settings:expr),+ $(,)?) => {$(
        mod $module {
            use super::*;

            session_conformance::full_store_laws!(fresh_store, two_stores);

            async fn fresh_store() -> impl FullStore {
                store(&$settings).await
            }

            async fn two_stores() -> (impl FullStore, impl FullStore) {
                (store(&$settings).await, store(&$settings).await)
            }
        }
    )+};
}

under! {
    its_defaults: [],
    new_york_and_serializable: [
        ("TimeZone", "America/New_York"),
        ("default_transaction_isolation", "serializable"),
    ],
    tokyo_and_repeatable_read: [
        ("TimeZone", "Asia/Tokyo"),
        ("default_transaction_isolation", "repeatable read"),
        ("DateStyle", "SQL, DMY"),
        ("IntervalStyle", "iso_8601"),
        ("bytea_output", "escape"),
        ("extra_float_digits", "-15"),
        ("standard_conforming_strings", "off"),
    ],
}
