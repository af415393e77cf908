//! Builds the demo once for each run of the tests.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use serde_json::Value;

/// The program, as new as its sources.
pub(crate) fn demo_binary() -> &'static Path {
    // A failure is kept, too, so that not every test tries again.
    static BINARY: OnceLock<Option<PathBuf>> = OnceLock::new();
    let binary = BINARY.get_or_init(build).as_deref();
    binary.expect("cargo builds the demo, or says above why not")
}

fn build() -> Option<PathBuf> {
    // This test is TARGET/PROFILE/deps/demo-HASH. The same folder and profile, and the features of
    // the whole workspace, so that `cargo test --workspace` has built the program already.
    let this = env::current_exe().unwrap();
    let target = this.ancestors().nth(3).unwrap();
    let cargo = env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--workspace", "--example", "demo"])
        .arg("--message-format=json-render-diagnostics")
        .arg("--target-dir")
        .arg(target)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stderr(Stdio::inherit());
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    let output = build.output().unwrap();
    let messages = String::from_utf8(output.stdout).unwrap();
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["kind"][0] == "example")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
}
