use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::program::{self, Account};

/// A shell that has the server for a child, and does to it what it is told on its standard input.
/// When that ends, because the handle was dropped or the test's process is no more, it kills the
/// server and removes the folder.
#[derive(Debug)]
pub(crate) struct Keeper {
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

impl Keeper {
    pub(crate) fn new(folder: &Path, command: &[String], account: Option<&Account>) -> Self {
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

    /// Does this, and waits until it is done.
    pub(crate) fn order(&mut self, order: &str) {
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
