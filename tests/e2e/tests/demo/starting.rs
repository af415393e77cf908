//! How the program starts and stops.

use std::process::Output;

use crate::harness::{Site, Visitor, command, on_each_database, send};

fn run(arguments: &[&str]) -> Output {
    command().args(arguments).output().unwrap()
}

#[track_caller]
fn assert_refused(output: &Output, names: &str) {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.ends_with('\n') && stderr.contains(names), "{stderr}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_bad_option_is_one_line_and_status_two() {
    let longest = "34560001";
    for (option, value) in [
        ("--idle", "0"),
        ("--idle", longest),
        ("--idle", "soon"),
        ("--idle", "-1"),
        ("--absolute", "0"),
        ("--absolute", longest),
        ("--renew", "sometimes"),
        ("--store-timeout", "0"),
        ("--store-timeout", "x"),
        ("--listen", "nowhere"),
        ("--listen", "127.0.0.1"),
        ("--store", ""),
        ("--store", "sqlite:"),
        ("--store", "memory:x"),
        ("--store", "mongodb://localhost"),
        ("--store", "sqlite:/no/such/folder/demo.db"),
        ("--store", "postgres:"),
        ("--store", "postgres://host:port/db"),
        ("--store", "postgresql://host/db?sslmode=sometimes"),
        ("--store", "mysql:host"),
        ("--store", "mariadb://host:123456/db"),
        ("--store", "redis:"),
        ("--store", "redis://host:port"),
        ("--store", "rediss://host/database"),
        ("--store", "redis+cluster://"),
        ("--store", "redis+cluster://a:1,b:port"),
        ("--store", "redis+sentinel://a:1,b:2"),
        ("--bogus", "1"),
    ] {
        let output = run(&["--store", "memory:", option, value].as_slice()
            [if option == "--store" { 2 } else { 0 }..]);
        assert_refused(&output, option);
    }
    assert_refused(&run(&["stray"]), "stray");
    assert_refused(&run(&["--idle"]), "--idle");
}

#[test]
fn a_store_of_another_build_is_refused() {
    let output = run(&["--store", "cookie:"]);
    assert_refused(&output, "not available in this build");
}

#[test]
fn a_key_is_checked_never_shown_and_never_ignored() {
    let short = "c2hvcnQtc2VjcmV0";
    let long = "bG9uZ2xvbmdsb25nbG9uZ2xvbmdsb25nbG9uZ2xvbmc=";
    for (key, names) in [
        ("?secret?", "not base64"),
        (short, "12 octets"),
        (long, "no use"),
    ] {
        let output = run(&["--store", "memory:", "--key", key]);
        assert_refused(&output, "--key");
        assert_refused(&output, names);
        assert!(!String::from_utf8_lossy(&output.stderr).contains(key));
    }
}

#[test]
fn a_near_cache_is_for_stores_that_can_tell_it_what_is_stale() {
    for url in ["memory:", "sqlite::memory:", "sqlite:demo.db"] {
        let output = run(&["--store", url, "--near-cache"]);
        assert_refused(&output, "--near-cache has no use with");
    }
}

#[test]
fn options_come_from_the_environment_too() {
    let output = command().env("DEMO_IDLE", "0").output().unwrap();
    assert_refused(&output, "--idle");
    let mut by_option = command();
    by_option
        .env("DEMO_STORE", "cookie:")
        .args(["--store", "sqlite:"]);
    assert_refused(&by_option.output().unwrap(), "sqlite:PATH");
}

#[test]
fn a_port_that_is_taken_is_one_line_and_status_two() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["--store", "memory:", "--listen", &address]);
    assert_refused(&output, &address);
}

#[test]
fn help_is_no_error() {
    let output = run(&["--help"]);
    assert!(output.status.success() && output.stderr.is_empty());
    let help = String::from_utf8(output.stdout).unwrap();
    for option in [
        "--store",
        "--listen",
        "--idle",
        "--absolute",
        "--renew",
        "--store-timeout",
        "--near-cache",
        "redis+sentinel://",
    ] {
        assert!(help.contains(option), "{help}");
    }
}

async fn sigterm_finishes_requests_and_ends_with_status_zero(mut site: Site) {
    let visitor = Visitor::with(site.node(0), "a", "1").await;
    let (cookie, address) = (visitor.pair(), site.node(0));
    let slow = tokio::spawn(async move {
        send(
            address,
            "PUT /api/session/b?hold_ms=800",
            Some(&cookie),
            "2",
        )
        .await
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    site.nodes[0].terminate();
    slow.await.unwrap().expect(204);
    assert_eq!(site.nodes[0].ended().code(), Some(0));
    let mut visitor = visitor;
    let data = visitor
        .call(site.nodes[1].address(), "GET /api/session", "")
        .await
        .data();
    assert_eq!(data, serde_json::json!({"a": 1, "b": 2}));
}

async fn sessions_outlive_the_program(mut site: Site) {
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    for node in &mut site.nodes {
        node.terminate();
        assert_eq!(node.ended().code(), Some(0));
    }
    site.start("info", &[]);
    let again = site.nodes[2].address();
    let read = visitor.call(again, "GET /api/session", "").await;
    assert_eq!(read.data()["a"], 1);
}

#[tokio::test]
async fn sessions_in_a_file_outlive_the_program() {
    let mut site = Site::sqlite(&[]);
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    for node in &mut site.nodes {
        node.terminate();
        assert_eq!(node.ended().code(), Some(0));
    }
    // All of them are in the one file that the URL names, and nothing is left beside it.
    let file = site.folder().join("demo.db");
    assert!(!file.with_extension("db-wal").exists());
    let store = format!("sqlite:{}", file.display());
    let log = site.folder().join("log-again");
    let again = crate::harness::Demo::start(&store, &[], "info", &log);
    assert_eq!(
        visitor
            .call(again.address(), "GET /api/session", "")
            .await
            .data()["a"],
        1
    );
}

on_each_database!(&[];
    sigterm_finishes_requests_and_ends_with_status_zero,
    sessions_outlive_the_program,
);
