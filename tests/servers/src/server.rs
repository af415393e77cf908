use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    Kind,
    kind::Place,
    program::{self, Account},
    require::missing,
    run::{free_port, listens, wait_until},
};

/// A server of one test's own. Gone, data and all, with this handle.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    port: u16,
    data: PathBuf,
    keeper: Mutex<Keeper>,
}

/// A shell that has the server for a child, and does to it what it is told on its standard input.
/// When that ends, because the handle was dropped or the test's process is no more, it kills the
/// server and removes the folder.
#[derive(Debug)]
struct Keeper {
    shell: Child,
    answers: BufReader<ChildStdout>,
}

/// A server's processes are its first one and that one's children: PostgreSQL has one for each
/// connection, and none is left running when the first is stopped or killed.
const KEEPER: &str = r#"
folder=$1; shift
server=
all() {
    children=$(cat "/proc/$server/task/$server/children" 2>/dev/null)
    for process in $server $children; do kill "-$1" "$process" 2>/dev/null; done
}
stopped() {
    for process in $server $children; do
        while cat "/proc/$process/task/"*/stat 2>/dev/null | sed 's/.*) //' | grep -qv '^[TtZX]'; do
            sleep 0.01
        done
    done
}
while read -r order signal; do
    case $order in
        start) "$@" </dev/null >>"$folder/log" 2>&1 & server=$!; echo started ;;
        signal) all "$signal"; echo sent ;;
        pause) all STOP; stopped; echo paused ;;
        first) kill "-$signal" "$server"; echo sent ;;
        wait) wait "$server" 2>/dev/null; echo ended ;;
    esac
done
if [ -n "$server" ]; then all KILL; wait "$server" 2>/dev/null; fi
rm -rf -- "$folder"
"#;

impl Server {
    /// Starts one; `None`, with a word why, if its program is not installed.
    ///
    /// # Panics
    /// If it is not installed and `SESSION_TEST_REQUIRE=all`, or it does not start.
    pub fn start(kind: Kind) -> Option<Self> {
        Self::start_with(kind, &[])
    }

    /// [`start`](Self::start), with arguments for its program besides those that it needs, such as
    /// `&["--maxmemory", "5mb"]`.
    ///
    /// # Panics
    /// As [`start`](Self::start) does.
    pub fn start_with(kind: Kind, arguments: &[&str]) -> Option<Self> {
        let arguments: Vec<_> = arguments.iter().map(|it| (*it).to_owned()).collect();
        Self::start_at(kind, free_port(), &arguments)
    }

    /// Starts one on this port.
    pub(crate) fn start_at(kind: Kind, port: u16, arguments: &[String]) -> Option<Self> {
        if !kind.is_installed() {
            missing(kind);
            return None;
        }
        let account = program::account(kind.account());
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
        kind.prepare(&place);
        let command = [&kind.command(&place), arguments].concat();
        let keeper = Keeper::new(&folder, &command, account.as_ref());
        let server = Self {
            kind,
            port,
            data,
            keeper: Mutex::new(keeper),
        };
        server.restart();
        Some(server)
    }

    /// Its address, as the user who may do anything.
    pub fn url(&self) -> String {
        self.kind.url(self.port)
    }

    /// The port that it listens on at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it in good order, as an administrator would.
    pub fn stop(&self) {
        // PostgreSQL ends at once, and in order, on SIGINT; the others on SIGTERM.
        let signal = match self.kind {
            Kind::Postgres => "INT",
            Kind::MariaDb | Kind::Redis => "TERM",
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
            if wait_until(|| self.kind.is_ready(&self.data, self.port)) {
                return;
            }
            self.kill();
        }
        panic!(
            "{:?} does not start, see {}",
            self.kind,
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

impl Keeper {
    fn new(folder: &std::path::Path, command: &[String], account: Option<&Account>) -> Self {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", KEEPER, "sh"])
            .arg(folder)
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // An interrupt from the terminal is for the tests; the keeper sees that they end.
            .process_group(0);
        let mut shell = program::run_as(&mut shell, account).spawn().unwrap();
        let answers = BufReader::new(shell.stdout.take().unwrap());
        Self { shell, answers }
    }

    fn order(&mut self, order: &str) {
        let orders = self.shell.stdin.as_mut().unwrap();
        writeln!(orders, "{order}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert!(!answer.is_empty(), "the keeper of a server has ended");
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // The end of its orders ends it.
        drop(self.shell.stdin.take());
        drop(self.shell.wait());
    }
}
