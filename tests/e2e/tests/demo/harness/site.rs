//! The demo as its visitors see it: one process or more over one store.

use std::{net::SocketAddr, path::Path};

use tempfile::TempDir;

use super::{Database, Demo};

pub(crate) struct Site {
    pub(crate) nodes: Vec<Demo>,
    sqlite: bool,
    folder: TempDir,
}

impl Site {
    /// One process that keeps sessions in its memory.
    pub(crate) fn memory(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = Demo::start("memory:", arguments, "info", &folder.path().join("log"));
        Self {
            nodes: vec![demo],
            sqlite: false,
            folder,
        }
    }

    /// Two processes that share a SQLite file.
    pub(crate) fn sqlite(arguments: &[&str]) -> Self {
        Self::sqlite_logging("info", arguments)
    }

    pub(crate) fn sqlite_logging(level: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = format!("sqlite:{}", folder.path().join("demo.db").display());
        let start = |node| {
            let log = folder.path().join(format!("log{node}"));
            Demo::start(&store, arguments, level, &log)
        };
        Self {
            nodes: vec![start(0), start(1)],
            sqlite: true,
            folder,
        }
    }

    /// The address of the process with this number, counted round.
    pub(crate) fn node(&self, number: usize) -> SocketAddr {
        self.nodes[number % self.nodes.len()].address()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file; `None` in memory, which nobody can look into from outside.
    pub(crate) async fn database(&self) -> Option<Database> {
        if self.sqlite {
            Some(Database::open(&self.folder.path().join("demo.db")).await)
        } else {
            None
        }
    }

    /// Panics unless the store has so many living records, if it can be told.
    pub(crate) async fn assert_living(&self, expected: i64) {
        if let Some(mut database) = self.database().await {
            assert_eq!(database.living().await, expected, "living rows in the file");
        }
    }

    /// Panics unless the store has so many records, expired ones included, if it can be told.
    pub(crate) async fn assert_rows(&self, expected: usize) {
        if let Some(mut database) = self.database().await {
            assert_eq!(database.rows().await.len(), expected, "rows in the file");
        }
    }
}

/// Runs each of these functions of a `Site` on every store, with these options of the demo.
macro_rules! on_each_store {
    ($arguments:expr; $($claim:ident),+ $(,)?) => {
        mod memory_in_one_process {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim($crate::harness::Site::memory($arguments)).await;
            })+
        }

        mod sqlite_in_two_processes {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim($crate::harness::Site::sqlite($arguments)).await;
            })+
        }
    };
}

pub(crate) use on_each_store;
