use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    Kind,
    keeper::Keeper,
    ports::free_port,
    program,
    require::missing,
    run::{listens, wait_until},
    single::{Place, Single},
};

/// A server of one test's own. Gone, data and all, with this handle.
#[derive(Debug)]
pub struct Server {
    single: Single,
    port: u16,
    data: PathBuf,
    keeper: Mutex<Keeper>,
}

impl Server {
    /// Starts one; `None`, with a word why, if its program is not installed.
    ///
    /// # Panics
    /// If it is not installed and `SESSION_TEST_REQUIRE=all`, or it does not start, or it is a group of
    /// servers.
    pub fn start(kind: Kind) -> Option<Self> {
        Self::start_with(kind, &[])
    }

    /// [`start`](Self::start), with arguments for its program besides those that it needs, such as
    /// `&["--maxmemory", "5mb"]`.
    ///
    /// # Panics
    /// As [`start`](Self::start) does.
    pub fn start_with(kind: Kind, arguments: &[&str]) -> Option<Self> {
        let group = matches!(kind, Kind::RedisCluster | Kind::RedisSentinel);
        assert!(!group, "{kind:?} is not one server");
        if !kind.single().is_installed() {
            missing(kind);
            return None;
        }
        let arguments: Vec<_> = arguments.iter().map(|it| (*it).to_owned()).collect();
        Some(Self::new(kind.single(), free_port(), &arguments))
    }

    /// Starts one on this port, with these arguments besides those that it needs. It is installed.
    pub(crate) fn new(single: Single, port: u16, arguments: &[String]) -> Self {
        let account = program::account(single.account());
        let folder = tempfile::Builder::new()
            .prefix("session-test-server-")
            .tempdir()
            .unwrap()
            .keep();
        program::make_folder(&folder, account.as_ref());
        let data = folder.join("data");
        program::make_folder(&data, account.as_ref());
        let place = Place {
            data: &data,
            account: account.as_ref(),
            port,
        };
        single.prepare(&place);
        let command = [&single.command(&place), arguments].concat();
        let keeper = Keeper::new(&folder, &command, account.as_ref());
        let server = Self {
            single,
            port,
            data,
            keeper: Mutex::new(keeper),
        };
        server.restart();
        server
    }

    /// Its address, as the user who may do anything.
    pub fn url(&self) -> String {
        self.single.url(self.port)
    }

    /// The port that it listens on at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it in good order, as an administrator would.
    pub fn stop(&self) {
        // PostgreSQL ends at once, and in order, on SIGINT; the others on SIGTERM.
        let signal = match self.single {
            Single::Postgres => "INT",
            Single::MariaDb | Single::Redis => "TERM",
        };
        self.keeper().order(&format!("first {signal}"));
        self.wait();
    }

    /// Ends it as a power cut would, but for what the operating system still writes.
    pub fn kill(&self) {
        self.keeper().order("signal KILL");
        self.wait();
    }

    /// Makes it answer nothing, though its connections stay.
    pub fn pause(&self) {
        // Its threads stop one after another; one that has not yet would answer.
        self.keeper().order("pause");
    }

    /// Lets it go on after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.keeper().order("signal CONT");
    }

    /// Starts it again after [`stop`](Self::stop) or [`kill`](Self::kill), on the same port and the
    /// same data, and waits until it serves.
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&self) {
        // Another program may have taken the port for a moment, or what is left of a killed server
        // holds something that the new one needs.
        for _ in 0..3 {
            self.keeper().order("start");
            if wait_until(|| self.single.is_ready(&self.data, self.port)) {
                return;
            }
            self.kill();
        }
        panic!(
            "{:?} does not start, see {}",
            self.single,
            self.data.display()
        );
    }

    /// Waits until it has ended, its last process included.
    fn wait(&self) {
        self.keeper().order("wait");
        assert!(wait_until(|| !listens(self.port)), "it goes on listening");
    }

    fn keeper(&self) -> MutexGuard<'_, Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
