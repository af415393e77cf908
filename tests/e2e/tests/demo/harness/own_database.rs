//! A database of one site's own, on the server that all tests share.

use std::time::UNIX_EPOCH;

use session_core::Version;
use session_sqlx::sqlx::{
    self, AssertSqlSafe, Connection as _, MySqlConnection, PgConnection, raw_sql,
};
use session_test_servers::{Kind, shared};

/// Dropped with this handle. One that a killed test has left goes with the shared server; on a server
/// that the environment names, the tests of `session-sqlx` remove it by its name after a day.
#[derive(Debug)]
pub(crate) struct OwnDatabase {
    kind: Kind,
    server: String,
    name: String,
    password: Option<&'static str>,
}

impl OwnDatabase {
    /// An empty one; `None`, with a word why, if the server is not installed.
    pub(crate) fn new(kind: Kind) -> Option<Self> {
        let server = shared(kind)?;
        let seconds = UNIX_EPOCH.elapsed().unwrap().as_secs();
        let name = format!("session_test_{seconds}_{:x}", Version::unique().as_i64());
        let database = Self {
            kind,
            server,
            name,
            password: None,
        };
        let create = format!("CREATE DATABASE {}", database.name);
        database.administer(&create).unwrap();
        Some(database)
    }

    /// The same with a user of its name, who may do anything there and nothing elsewhere, and who has
    /// this password.
    pub(crate) fn with_user(kind: Kind, password: &'static str) -> Option<Self> {
        let mut database = Self::new(kind)?;
        let name = &database.name;
        let statements = match kind {
            Kind::Postgres => [
                format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'"),
                format!("ALTER DATABASE {name} OWNER TO {name}"),
            ],
            _ => [
                format!("CREATE USER {name} IDENTIFIED BY '{password}'"),
                format!("GRANT ALL ON {name}.* TO {name}"),
            ],
        };
        for statement in statements {
            database.administer(&statement).unwrap();
        }
        database.password = Some(password);
        Some(database)
    }

    /// Its address, as its own user, or else as the one who may do anything.
    pub(crate) fn url(&self) -> String {
        let name = &self.name;
        let (server, _) = self.server.rsplit_once('/').unwrap();
        let Some(password) = self.password else {
            return format!("{server}/{name}");
        };
        let (scheme, _) = server.split_once("//").unwrap();
        let (_, host) = server.rsplit_once('@').unwrap();
        format!("{scheme}//{name}:{password}@{host}/{name}")
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Runs a statement that is the whole server's matter.
    fn administer(&self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let run = async {
            match self.kind {
                Kind::Postgres => {
                    let mut server = PgConnection::connect(&self.server).await?;
                    raw_sql(sql).execute(&mut server).await.map(drop)
                }
                Kind::MariaDb => {
                    let mut server = MySqlConnection::connect(&self.server).await?;
                    raw_sql(sql).execute(&mut server).await.map(drop)
                }
                _ => unreachable!("it has no such databases"),
            }
        };
        // A test has a runtime already, and a handle may be dropped anywhere.
        std::thread::scope(|scope| {
            let ran = scope.spawn(|| runtime.unwrap().block_on(run)).join();
            ran.unwrap()
        })
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        let force = match self.kind {
            // Its clients were killed a moment ago, which the server may not have seen yet.
            Kind::Postgres => " WITH (FORCE)",
            _ => "",
        };
        let name = &self.name;
        let mut dropped = self.administer(&format!("DROP DATABASE {name}{force}"));
        if self.password.is_some() {
            // `USER` is `ROLE` to PostgreSQL.
            dropped = dropped.and_then(|()| self.administer(&format!("DROP USER {name}")));
        }
        if let Err(error) = dropped {
            // No panic, for this may be in the course of one.
            eprintln!("{name} stays: {error}");
        }
    }
}
