//! A store that cannot be made here skips by name, and fails where everything is required.

#[path = "reference/store.rs"]
#[expect(dead_code, reason = "the laws that run here are few")]
mod reference;

use std::{
    env,
    process::{Command, Output},
};

use reference::Reference;
use session_core::Store;

/// Set in the processes that these tests start, and only there.
const NO_SERVER: &str = "SESSION_CONFORMANCE_NO_SERVER";

async fn fresh_store() -> impl Store {
    if env::var_os(NO_SERVER).is_some() {
        session_conformance::skip("no server for this test");
    }
    Reference::default()
}

session_conformance::store_laws!(fresh_store);

#[test]
fn a_skipped_law_passes_and_says_so() {
    let output = without_server(None);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    assert_eq!(told.matches("skip: no server for this test").count(), 1);
}

#[test]
fn a_skipped_law_fails_where_all_is_required() {
    let output = without_server(Some("all"));
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("no server for this test"), "{told}");
}

/// Runs the laws about `get` of this file again, in a process of their own.
#[expect(clippy::unwrap_used, reason = "without it there is no test")]
fn without_server(required: Option<&str>) -> Output {
    let mut tests = Command::new(env::current_exe().unwrap());
    tests.args(["store_laws::itself::get_", "--test-threads=2"]);
    tests
        .env(NO_SERVER, "yes")
        .env_remove(session_conformance::REQUIRE);
    if let Some(required) = required {
        tests.env(session_conformance::REQUIRE, required);
    }
    tests.output().unwrap()
}
