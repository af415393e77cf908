use std::{fs, path::Path, process::Command};

use crate::{
    command::{configuration, option, postgres},
    program::{self, Account},
    run::{answers, check, feed, listens},
};

/// A server that is one program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Single {
    Postgres,
    MariaDb,
    Redis,
}

/// Where a server keeps its data, whom it runs as and where it listens.
pub(crate) struct Place<'a> {
    pub(crate) data: &'a Path,
    pub(crate) account: Option<&'a Account>,
    pub(crate) port: u16,
}

impl Single {
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
            // Sentinels, and those whom they tell, write there what they have learned.
            Self::Redis => program::make_file(&configuration(data), place.account),
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
