//! `MySqlStore` keeps every law of the store contract on MariaDB, whatever a session of the server is
//! set to.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use session_core::FullStore;
use session_sqlx::{
    MySqlOptions, MySqlStore,
    sqlx::{Executor as _, mysql::MySqlPoolOptions},
};

mod its_defaults {
    use super::*;

    session_conformance::full_store_laws!(fresh_store, two_stores);

    async fn fresh_store() -> impl FullStore {
        store().await
    }

    async fn two_stores() -> (impl FullStore, impl FullStore) {
        (store().await, store().await)
    }

    async fn store() -> MySqlStore {
        let options = MySqlOptions::connect(server::mysql()).max_connections(16);
        let options = options.table(&server::fresh_table()).unwrap();
        options.open().await.unwrap()
    }
}

/// A store with a table of its own, over a pool whose connections are set to this.
async fn store(settings: &'static str) -> MySqlStore {
    let pool = MySqlPoolOptions::new()
        .max_connections(16)
        .after_connect(move |connection, _| {
            Box::pin(async move { connection.execute(settings).await.map(drop) })
        })
        .connect_lazy_with(server::mysql());
    let builder = MySqlStore::builder(pool);
    let store = builder.table(&server::fresh_table()).unwrap().build();
    store.migrate().await.unwrap();
    store
}

macro_rules! under {
    ($($module:ident: $settings:expr),+ $(,)?) => {$(
        mod $module {
            use super::*;

            session_conformance::full_store_laws!(fresh_store, two_stores);

            async fn fresh_store() -> impl FullStore {
                store($settings).await
            }

            async fn two_stores() -> (impl FullStore, impl FullStore) {
                (store($settings).await, store($settings).await)
            }
        }
    )+};
}

under! {
    new_york_serializable_and_lax: "SET time_zone = 'America/New_York', sql_mode = '';
        SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    tokyo_read_committed_and_strict: "SET time_zone = 'Asia/Tokyo', sql_mode = 'TRADITIONAL,ANSI,\
            NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE,SIMULTANEOUS_ASSIGNMENT';
        SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
}
