use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    program::{self, Account},
    run::{answers, check, feed, listens},
};

/// A server that tests may ask for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the tests know all of them")]
pub enum Kind {
    /// PostgreSQL, with `pg_stat_statements`.
    Postgres,
    /// MariaDB, which speaks MySQL.
    MariaDb,
    /// Redis.
    Redis,
}

/// Where a server keeps its data, whom it runs as and where it listens.
pub(crate) struct Place<'a> {
    pub(crate) data: &'a Path,
    pub(crate) account: Option<&'a Account>,
    pub(crate) port: u16,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MariaDb => "mariadb",
            Self::Redis => "redis",
        }
    }

    pub(crate) const fn package(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::MariaDb => "mariadb-server",
            Self::Redis => "redis-server",
        }
    }

    pub(crate) const fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "SESSION_TEST_POSTGRES_URL",
            Self::MariaDb => "SESSION_TEST_MARIADB_URL",
            Self::Redis => "SESSION_TEST_REDIS_URL",
        }
    }

    /// The account that Debian's package makes for it, in which it runs where the tests run as root.
    pub(crate) const fn account(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MariaDb => "mysql",
            Self::Redis => "redis",
        }
    }

    /// Who may do anything there, without a password: only this machine can reach it.
    pub(crate) fn url(self, port: u16) -> String {
        match self {
            Self::Postgres => format!("postgres://tester@127.0.0.1:{port}/postgres"),
            Self::MariaDb => format!("mysql://root@127.0.0.1:{port}/mysql"),
            Self::Redis => format!("redis://127.0.0.1:{port}"),
        }
    }

    pub(crate) fn is_installed(self) -> bool {
        match self {
            Self::Postgres => postgres("postgres").is_some() && postgres("initdb").is_some(),
            Self::MariaDb => {
                program::find("mariadbd").is_some() && program::find("mariadb-install-db").is_some()
            }
            Self::Redis => program::find("redis-server").is_some(),
        }
    }

    /// Makes an empty data folder into one that the server can start on. An account other than
    /// root's owns it already.
    pub(crate) fn prepare(self, place: &Place<'_>) {
        let data = place.data;
        match self {
            Self::Postgres => {
                let mut make = Command::new(postgres("initdb").expect("it is installed"));
                make.args(["--username=tester", "--auth=trust", "--encoding=UTF8"])
                    .args(["--locale=C.UTF-8", "--no-sync", "--pgdata"])
                    .arg(data);
                check(program::run_as(&mut make, place.account));
            }
            Self::MariaDb => {
                let mut make =
                    Command::new(program::find("mariadb-install-db").expect("it is installed"));
                make.arg("--no-defaults")
                    .arg(option("datadir", data))
                    .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
                    .args(["--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0"])
                    .arg(option("tmpdir", data));
                check(program::run_as(&mut make, place.account));
                load_time_zones(place);
            }
            Self::Redis => {}
        }
    }

    /// The server in the foreground, tuned to start quickly. Nothing that it has acknowledged is lost
    /// when its process is killed; only the machine itself must not fail.
    pub(crate) fn command(self, place: &Place<'_>) -> Vec<String> {
        let Place { data, port, .. } = place;
        let (folder, port) = (data.display().to_string(), port.to_string());
        let words = |program: &Path, arguments: &[&str]| {
            let program = program.display().to_string();
            let arguments = arguments.iter().map(|word| (*word).to_owned());
            std::iter::once(program).chain(arguments).collect()
        };
        match self {
            Self::Postgres => words(
                &postgres("postgres").expect("it is installed"),
                &[
                    "-D",
                    &folder,
                    "-p",
                    &port,
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "unix_socket_directories=",
                    "-c",
                    "max_connections=300",
                    "-c",
                    "fsync=off",
                    "-c",
                    "shared_preload_libraries=pg_stat_statements",
                    "-c",
                    "log_min_messages=warning",
                ],
            ),
            Self::MariaDb => words(
                &program::find("mariadbd").expect("it is installed"),
                &[
                    "--no-defaults",
                    &option("datadir", data),
                    // A server that starts removes what others have in a folder that they share.
                    &option("tmpdir", data),
                    &option("socket", &data.join("socket")),
                    &option("pid-file", &data.join("pid")),
                    &format!("--port={port}"),
                    "--bind-address=127.0.0.1",
                    "--skip-name-resolve",
                    "--max-connections=300",
                    "--max-allowed-packet=64M",
                    // Written to the operating system with each commit, to the disk later.
                    "--innodb-flush-log-at-trx-commit=2",
                    "--innodb-buffer-pool-size=64M",
                    "--innodb-log-file-size=64M",
                ],
            ),
            Self::Redis => words(
                &program::find("redis-server").expect("it is installed"),
                &[
                    "--port",
                    &port,
                    "--bind",
                    "127.0.0.1",
                    "--dir",
                    &folder,
                    "--save",
                    "",
                    "--appendonly",
                    "yes",
                    "--appendfsync",
                    "no",
                ],
            ),
        }
    }

    /// Whether a client would be served now.
    pub(crate) fn is_ready(self, data: &Path, port: u16) -> bool {
        match self {
            // The line that the server itself keeps for whoever waits for it. A killed one leaves it.
            Self::Postgres => {
                listens(port)
                    && fs::read_to_string(data.join("postmaster.pid"))
                        .is_ok_and(|state| state.lines().nth(7).map(str::trim) == Some("ready"))
            }
            // It greets first.
            Self::MariaDb => answers(port, b"", 5),
            Self::Redis => answers(port, b"PING\r\n", 5),
        }
    }
}

/// Tells MariaDB of the time zones that tests set by name; it knows none by itself.
fn load_time_zones(place: &Place<'_>) {
    let mut sql = b"USE mysql;\n".to_vec();
    for zone in ["America/New_York", "Asia/Tokyo"] {
        let reader = program::find("mariadb-tzinfo-to-sql").expect("it is installed");
        let file = Path::new("/usr/share/zoneinfo").join(zone);
        let read = Command::new(reader).arg(file).arg(zone).output().unwrap();
        sql.extend(read.stdout);
    }
    let mut server = Command::new(program::find("mariadbd").expect("it is installed"));
    server
        .args(["--no-defaults", "--bootstrap", "--silent-startup"])
        .arg(option("datadir", place.data))
        .arg(option("tmpdir", place.data));
    feed(program::run_as(&mut server, place.account), &sql);
}

/// One of PostgreSQL's programs, which Debian keeps off the path.
fn postgres(name: &str) -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<(u32, _)> = versions
        .filter_map(|entry| {
            let folder = entry.ok()?.path();
            Some((folder.file_name()?.to_str()?.parse().ok()?, folder))
        })
        .collect();
    versions.sort();
    let newest = versions
        .pop()
        .map(|(_, folder)| folder.join("bin").join(name));
    newest
        .filter(|program| program.is_file())
        .or_else(|| program::find(name))
}

fn option(name: &str, path: &Path) -> String {
    format!("--{name}={}", path.display())
}
