//! The store that a URL names, picked at run time.

use std::{pin::Pin, sync::Arc, time::Duration};

use session_core::{FullStore, StoreError};
use session_memory::MemoryStore;
use session_redis::NearCache;
use session_sqlx::{MySqlOptions, PostgresOptions, SqliteOptions};
use tokio::time::timeout;

use crate::{AnyError, Options, options::with_causes, url::StoreUrl};

/// How long a store may take to be closed. A server that hangs has to be left as it is.
const CLOSING: Duration = Duration::from_secs(2);
/// How much memory copies of sessions may take, in bytes.
const NEAR: u64 = 64 * 1024 * 1024;

/// The store, and what has to be done when the program stops.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn FullStore>,
    closing: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Opened {
    /// Brings all sessions into the one file that the URL names, or takes leave of the server.
    pub(crate) async fn close(self) {
        if timeout(CLOSING, self.closing).await.is_err() {
            tracing::warn!("the store could not be closed");
        }
    }
}

/// A store, and how it is closed.
macro_rules! opened {
    ($store:expr) => {{
        let store = $store;
        let closing = store.clone();
        Opened {
            store: Arc::new(store),
            closing: Box::pin(async move { closing.close().await }),
        }
    }};
}

/// Opens the store; a SQLite file, or a table, is made if it is not there.
pub(crate) async fn open(options: &Options) -> Result<Opened, AnyError> {
    let cannot_open = |source| CannotOpen::new(&options.store, &source);
    // A little less than an operation may take: what had to wait for a lock or a connection for so long
    // has not happened, and can be told from what nobody knows.
    let patience = options.store_timeout * 9 / 10;
    Ok(match &options.store {
        StoreUrl::Memory => Opened {
            store: Arc::new(MemoryStore::builder().build()?),
            closing: Box::pin(async {}),
        },
        StoreUrl::Sqlite(path) => {
            let sqlite = SqliteOptions::file(path).busy_timeout(patience);
            opened!(sqlite.open().await.map_err(cannot_open)?)
        }
        StoreUrl::SqliteMemory => {
            let sqlite = SqliteOptions::in_memory().busy_timeout(patience);
            opened!(sqlite.open().await.map_err(cannot_open)?)
        }
        StoreUrl::Postgres(at) => {
            let postgres = PostgresOptions::connect((**at).clone()).acquire_timeout(patience);
            opened!(postgres.open().await.map_err(cannot_open)?)
        }
        StoreUrl::MySql(at) => {
            let mysql = MySqlOptions::connect((**at).clone()).acquire_timeout(patience);
            opened!(mysql.open().await.map_err(cannot_open)?)
        }
        StoreUrl::Redis(at) => {
            let redis = at.options.clone().connect_timeout(patience);
            let mut redis = redis.response_timeout(patience);
            if options.near_cache {
                redis = redis.near_cache(NearCache::new(NEAR));
            }
            Opened {
                store: Arc::new(redis.open().await.map_err(cannot_open)?),
                closing: Box::pin(async {}),
            }
        }
    })
}

/// Names the store, which an error of the store itself does not know.
#[derive(Debug, thiserror::Error)]
#[error("--store {store} cannot be opened: {why}")]
struct CannotOpen {
    store: String,
    why: String,
}

impl CannotOpen {
    fn new(store: &StoreUrl, error: &StoreError) -> Self {
        let mut why = with_causes(error);
        // A server that refuses a user says whom: in quotes, or Redis without.
        if let Some(user) = store.user() {
            why = why.replace(&format!("User {user} has"), "the user has");
            for quote in ['"', '\''] {
                why = why.replace(&format!("{quote}{user}{quote}"), "the user");
            }
        }
        let store = store.to_string();
        Self { store, why }
    }
}
