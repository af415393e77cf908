//! Running commands and waiting for them.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Longer than a server takes to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a command to its end.
///
/// # Panics
/// If it fails, with what it said.
pub(crate) fn check(command: &mut Command) {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

/// Runs a command to its end on this input.
///
/// # Panics
/// If it fails, with what it said.
pub(crate) fn feed(command: &mut Command, input: &[u8]) {
    let spawned = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = spawned.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

/// Waits until this holds; whether it does in time.
pub(crate) fn wait_until(mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
    true
}

/// Whether anyone listens there.
pub(crate) fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// Whether whoever listens there answers this with so many bytes.
pub(crate) fn answers(port: u16, question: &[u8], length: usize) -> bool {
    let mut answer = vec![0; length];
    let mut ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(question)?;
        stream.read_exact(&mut answer)
    };
    // Redis says `-LOADING` while it reads its file.
    ask().is_ok() && !answer.starts_with(b"-")
}
