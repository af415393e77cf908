//! The demo as its visitors see it: one process or more over one store.

use std::{net::SocketAddr, path::Path};

use session_test_servers::Kind;
use tempfile::TempDir;

use super::{Database, Demo, OwnDatabase};

/// How often a claim about a race is tried: `SESSION_TEST_REPEAT` times, once if that is not set.
pub(crate) fn repeats() -> usize {
    std::env::var("SESSION_TEST_REPEAT").map_or(1, |times| times.parse().unwrap())
}

/// Where a site keeps its sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Store {
    /// In the memory of its one process.
    Memory,
    /// In a file that two processes share.
    Sqlite,
    /// In a database of its own, which two processes share.
    Postgres,
    /// The same.
    MariaDb,
}

pub(crate) struct Site {
    // Ended in this order.
    pub(crate) nodes: Vec<Demo>,
    _own: Option<OwnDatabase>,
    folder: TempDir,
    url: String,
}

impl Site {
    /// `None`, with a word why, if the store is a server that is not installed.
    pub(crate) fn on(store: Store, arguments: &[&str]) -> Option<Self> {
        Self::logging(store, "info", arguments)
    }

    pub(crate) fn logging(store: Store, level: &str, arguments: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("demo.db");
        let (url, own) = match store {
            Store::Memory => ("memory:".to_owned(), None),
            Store::Sqlite => (format!("sqlite:{}", file.display()), None),
            Store::Postgres | Store::MariaDb => {
                let kind = match store {
                    Store::Postgres => Kind::Postgres,
                    _ => Kind::MariaDb,
                };
                let own = OwnDatabase::new(kind)?;
                (own.url(), Some(own))
            }
        };
        let mut site = Self {
            nodes: Vec::new(),
            _own: own,
            folder,
            url,
        };
        site.start(level, arguments);
        if store != Store::Memory {
            site.start(level, arguments);
        }
        Some(site)
    }

    /// Two processes that share a SQLite file.
    pub(crate) fn sqlite(arguments: &[&str]) -> Self {
        Self::on(Store::Sqlite, arguments).unwrap()
    }

    /// Two processes that share the database at this URL, which is the test's own.
    pub(crate) fn at(url: &str, level: &str, arguments: &[&str]) -> Self {
        let mut site = Self {
            nodes: Vec::new(),
            _own: None,
            folder: tempfile::tempdir().unwrap(),
            url: url.to_owned(),
        };
        site.start(level, arguments);
        site.start(level, arguments);
        site
    }

    /// Starts another process.
    pub(crate) fn start(&mut self, level: &str, arguments: &[&str]) {
        let log = self.folder.path().join(format!("log{}", self.nodes.len()));
        let demo = Demo::start(&self.url, arguments, level, &log);
        self.nodes.push(demo);
    }

    /// The address of the process with this number, counted round.
    pub(crate) fn node(&self, number: usize) -> SocketAddr {
        self.nodes[number % self.nodes.len()].address()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `None` in memory, which nobody can look into from outside.
    pub(crate) async fn database(&self) -> Option<Database> {
        if self.url == "memory:" {
            return None;
        }
        Some(Database::open(&self.url).await)
    }

    /// Panics unless the store has so many living records, if it can be told.
    pub(crate) async fn assert_living(&self, expected: i64) {
        if let Some(mut database) = self.database().await {
            assert_eq!(database.living().await, expected, "living rows");
        }
    }

    /// Panics unless the store has so many records, expired ones included, if it can be told.
    pub(crate) async fn assert_rows(&self, expected: usize) {
        if let Some(mut database) = self.database().await {
            assert_eq!(database.rows().await.len(), expected, "rows");
        }
    }
}
