//! The command lines of the servers.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    program,
    single::{Place, Single},
};

impl Single {
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
                    &configuration(data).display().to_string(),
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
}

/// One of PostgreSQL's programs, which Debian keeps off the path.
pub(crate) fn postgres(name: &str) -> Option<PathBuf> {
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

/// The file that Redis reads first, and may write.
pub(crate) fn configuration(data: &Path) -> PathBuf {
    data.join("redis.conf")
}

pub(crate) fn option(name: &str, path: &Path) -> String {
    format!("--{name}={}", path.display())
}
