//! The arrows between the crates point down only: `session-http -> session-core <- stores`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, path::Path, process::Command};

use serde_json::Value;

/// The crates of the workspace that each may name among its normal dependencies.
const ARROWS: [(&str, &[&str]); 8] = [
    ("session-core", &[]),
    ("session-memory", &["session-core"]),
    ("session-redis", &["session-core"]),
    ("session-sqlx", &["session-core"]),
    ("session-http", &["session-core"]),
    ("session-conformance", &["session-core"]),
    ("session-test-servers", &[]),
    ("session-e2e", &[]),
];

/// What only these crates may bring in: a driver or a framework stays where it belongs.
const HOMES: [(&str, &[&str]); 6] = [
    ("moka", &["session-memory", "session-redis"]),
    ("redis", &["session-redis"]),
    ("deadpool-redis", &["session-redis"]),
    ("sqlx", &["session-sqlx"]),
    ("axum-core", &["session-http"]),
    ("tower-service", &["session-http"]),
];

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--locked"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .unwrap();
    assert!(output.status.success());
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn normal_dependencies(package: &Value) -> BTreeSet<String> {
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    dependencies
        .filter(|dependency| dependency["kind"].is_null())
        .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_crate_names_only_those_below_it() {
    let packages = packages();
    let names: BTreeSet<_> = packages
        .iter()
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ARROWS.iter().map(|(name, _)| *name).collect());
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let (_, below) = ARROWS.iter().find(|(crate_, _)| *crate_ == name).unwrap();
        for dependency in normal_dependencies(package) {
            if names.contains(dependency.as_str()) {
                assert!(
                    below.contains(&dependency.as_str()),
                    "{name} -> {dependency}"
                );
            }
        }
    }
}

#[test]
fn drivers_and_frameworks_stay_in_the_crates_made_for_them() {
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let dependencies = normal_dependencies(&package);
        for (guest, homes) in HOMES {
            assert!(
                homes.contains(&name) || !dependencies.contains(guest),
                "{name} -> {guest}"
            );
        }
    }
}
