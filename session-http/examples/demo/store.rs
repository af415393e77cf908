//! The store that a URL names, picked at run time.

use std::{fmt, path::PathBuf, sync::Arc};

use session_core::{FullStore, StoreError};
use session_memory::MemoryStore;
use session_sqlx::{SqliteOptions, SqliteStore};

use crate::{AnyError, Options};

/// A store of this build.
pub(crate) enum StoreUrl {
    Memory,
    Sqlite(PathBuf),
    SqliteMemory,
}

/// Stores of other builds. Their URLs may hold passwords, so no message repeats one.
const ELSEWHERE: [&str; 7] = [
    "postgres://",
    "mysql://",
    "redis://",
    "rediss://",
    "redis+cluster://",
    "redis+sentinel://",
    "cookie:",
];

impl StoreUrl {
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        if let Some(other) = ELSEWHERE.iter().find(|other| url.starts_with(*other)) {
            return Err(format!("--store {other} is not available in this build"));
        }
        match url.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("sqlite", ":memory:")) => Ok(Self::SqliteMemory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            _ => Err("--store is none of memory:, sqlite:PATH and sqlite::memory:".to_owned()),
        }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::SqliteMemory => f.write_str("sqlite::memory:"),
        }
    }
}

/// The store, and what has to be closed when the program stops.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn FullStore>,
    sqlite: Option<SqliteStore>,
}

impl Opened {
    /// Brings all sessions into the one file that the URL names.
    pub(crate) async fn close(self) {
        if let Some(sqlite) = self.sqlite {
            sqlite.close().await;
        }
    }
}

/// Opens the store; a SQLite file is made if it is not there.
pub(crate) async fn open(options: &Options) -> Result<Opened, AnyError> {
    let sqlite = match &options.store {
        StoreUrl::Memory => {
            return Ok(Opened {
                store: Arc::new(MemoryStore::builder().build()?),
                sqlite: None,
            });
        }
        StoreUrl::Sqlite(path) => SqliteOptions::file(path),
        StoreUrl::SqliteMemory => SqliteOptions::in_memory(),
    };
    // Waiting for the file's lock for longer than a request may take would be of no use.
    let opened = sqlite.busy_timeout(options.store_timeout).open().await;
    let store = opened.map_err(|source| CannotOpen {
        store: options.store.to_string(),
        source,
    })?;
    Ok(Opened {
        store: Arc::new(store.clone()),
        sqlite: Some(store),
    })
}

/// Names the store, which an error of the store itself does not know.
#[derive(Debug, thiserror::Error)]
#[error("--store {store} cannot be opened")]
struct CannotOpen {
    store: String,
    source: StoreError,
}
