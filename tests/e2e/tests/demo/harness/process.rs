//! One process of the demo.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use super::demo_binary;

/// Killed when dropped.
pub(crate) struct Demo {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
    /// Held open, so that the program can go on printing.
    _stdout: BufReader<ChildStdout>,
}

/// The program, with nothing of this environment that could change what it does.
pub(crate) fn command() -> Command {
    let mut command = Command::new(demo_binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DEMO_") {
            command.env_remove(name);
        }
    }
    command.env_remove("RUST_LOG").env("RUST_BACKTRACE", "0");
    command
}

impl Demo {
    /// Starts it on a free port and waits until it listens. Its log goes to this file.
    pub(crate) fn start(store: &str, arguments: &[&str], log_level: &str, log: &Path) -> Self {
        let mut child = command()
            .args(["--listen", "127.0.0.1:0", "--store", store])
            .args(arguments)
            .env("RUST_LOG", log_level)
            .stdout(Stdio::piped())
            .stderr(File::create(log).unwrap())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let Some(address) = line.trim().strip_prefix("listening on http://") else {
            panic!(
                "no address in {line:?}: {}",
                fs::read_to_string(log).unwrap()
            );
        };
        Self {
            child,
            address: address.parse().unwrap(),
            log: log.to_owned(),
            _stdout: stdout,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn log(&self) -> Vec<u8> {
        fs::read(&self.log).unwrap()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
    }

    /// How it has ended, if it does within this time.
    pub(crate) fn ended_within(&mut self, patience: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + patience;
        loop {
            let ended = self.child.try_wait().unwrap();
            if ended.is_some() || Instant::now() > deadline {
                return ended;
            }
            sleep(Duration::from_millis(10));
        }
    }

    /// Waits until it has ended.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
