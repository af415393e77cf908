//! Instructions of one request, all threads and libraries included, as callgrind counts them.
//!
//! Two children serve different numbers of requests; start-up cancels in their difference.

use std::{fs, path::Path, process::Command};

use super::Counts;
use crate::{Failure, work::Cell};

/// Instructions of one request.
pub fn per_request(cell: Cell) -> Result<f64, Failure> {
    let counts = Counts::of(cell);
    let [contender, place, work] = cell.arguments();
    let run = |count: usize| total(&["serve", contender, place, work, &count.to_string()]);
    Ok(counts.per_request(run(counts.fewer)?, run(counts.more)?))
}

/// Instructions of one SHA-256 digest of 32 bytes. valgrind shows its programs no SHA instructions,
/// so that what is one of them on most machines is a few thousand others here.
pub fn per_digest() -> Result<f64, Failure> {
    let counts = Counts {
        fewer: 1000,
        more: 2000,
    };
    let run = |count: usize| total(&["digest", &count.to_string()]);
    Ok(counts.per_request(run(counts.fewer)?, run(counts.more)?))
}

/// Serves under callgrind and leaves its record in `file`, for `callgrind_annotate`.
pub fn record(arguments: &[&str], file: &Path) -> Result<(), Failure> {
    let mut out = std::ffi::OsString::from("--callgrind-out-file=");
    out.push(file);
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--collect-atstart=yes"])
        .arg(out)
        .arg(std::env::current_exe()?)
        .args(arguments);
    let output = valgrind.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{valgrind:?}: {said}").into());
    }
    Ok(())
}

fn total(arguments: &[&str]) -> Result<u64, Failure> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("callgrind.out");
    record(arguments, &file)?;
    let text = fs::read_to_string(file)?;
    let total = parse(&text).ok_or("callgrind wrote no totals")?;
    Ok(total)
}

fn parse(record: &str) -> Option<u64> {
    let line = |name: &str| record.lines().find_map(|line| line.strip_prefix(name));
    line("totals: ")
        .or_else(|| line("summary: "))?
        .trim()
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_read_from_either_line() {
        assert_eq!(
            parse("events: Ir\nfn=(1) main\n1 2\ntotals: 123\n"),
            Some(123)
        );
        assert_eq!(parse("events: Ir\nsummary: 4567\n\nfn=(1)\n"), Some(4567));
        assert_eq!(parse("events: Ir\n"), None);
    }
}
