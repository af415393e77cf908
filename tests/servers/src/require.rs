//! What a missing server means.

use std::env;

use crate::Kind;

/// Says that a test is skipped.
///
/// # Panics
/// Where all servers are required.
pub(crate) fn missing(kind: Kind) {
    let (name, package) = (kind.name(), kind.package());
    let required = env::var("SESSION_TEST_REQUIRE").is_ok_and(|require| require == "all");
    assert!(!required, "{name} is required (Debian: {package})");
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    eprintln!("skipped: {test} needs {name} (Debian: {package})");
}
