//! The demo as its visitors see it: one process or more over one store.

use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use session_test_servers::{Cluster, Kind, Server};
use tempfile::TempDir;

use super::{Answer, Database, Demo, OwnDatabase, send};

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
    /// On a server of its own, which two processes share.
    Redis,
    /// The same, with a near cache in each process.
    RedisNear,
    /// In a cluster of its own, which two processes share.
    RedisCluster,
    /// The same, with a near cache in each process.
    RedisClusterNear,
}

impl Store {
    fn is_near(self) -> bool {
        matches!(self, Self::RedisNear | Self::RedisClusterNear)
    }
}

/// What ends with the site.
enum Own {
    Database(OwnDatabase),
    Server(Server),
    Cluster(Cluster),
}

impl Own {
    fn new(store: Store) -> Option<Self> {
        match store {
            Store::Postgres => OwnDatabase::new(Kind::Postgres).map(Self::Database),
            Store::Redis | Store::RedisNear => Server::start(Kind::Redis).map(Self::Server),
            Store::RedisCluster | Store::RedisClusterNear => Cluster::start().map(Self::Cluster),
            _ => OwnDatabase::new(Kind::MariaDb).map(Self::Database),
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Database(database) => database.url(),
            Self::Server(server) => server.url(),
            Self::Cluster(cluster) => cluster.url(),
        }
    }
}

pub(crate) struct Site {
    // Ended in this order.
    pub(crate) nodes: Vec<Demo>,
    _own: Option<Own>,
    folder: TempDir,
    url: String,
    is_near: bool,
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
            _ => {
                let own = Own::new(store)?;
                (own.url(), Some(own))
            }
        };
        let near: &[&str] = if store.is_near() {
            &["--near-cache"]
        } else {
            &[]
        };
        let arguments = [arguments, near].concat();
        let mut site = Self {
            nodes: Vec::new(),
            _own: own,
            folder,
            url,
            is_near: store.is_near(),
        };
        site.start(level, &arguments);
        if store != Store::Memory {
            site.start(level, &arguments);
        }
        Some(site)
    }

    /// Two processes that share a SQLite file.
    pub(crate) fn sqlite(arguments: &[&str]) -> Self {
        Self::on(Store::Sqlite, arguments).unwrap()
    }

    /// Two processes that share the database or server at this URL, which is the test's own.
    pub(crate) fn at(url: &str, level: &str, arguments: &[&str]) -> Self {
        let mut site = Self {
            nodes: Vec::new(),
            _own: None,
            folder: tempfile::tempdir().unwrap(),
            url: url.to_owned(),
            is_near: arguments.contains(&"--near-cache"),
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

    /// What this process answers: at once, or with near caches within a second, by when they are told.
    pub(crate) async fn sees(
        &self,
        node: usize,
        call: &str,
        cookie: &str,
        fits: impl Fn(&Answer) -> bool,
    ) -> Answer {
        let asked = Instant::now();
        loop {
            let answer = send(self.node(node), call, Some(cookie), "").await;
            if fits(&answer) {
                return answer;
            }
            let patient = self.is_near && asked.elapsed() < Duration::from_secs(1);
            assert!(patient, "{call}: {answer:?}");
        }
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
