//! A database server that the demo cannot use from the start: one line, without user and password.

use std::{
    net::TcpListener,
    process::Output,
    time::{Duration, Instant},
};

use session_test_servers::{Kind, Server, shared};

use crate::harness::{Keys, command};

const SCHEMES: [&str; 4] = ["postgres", "postgresql", "mysql", "mariadb"];
const REDIS: [&str; 4] = ["redis", "rediss", "redis+cluster", "redis+sentinel"];

fn start(url: &str, options: &[&str]) -> Output {
    let mut demo = command();
    demo.args(options);
    demo.args(["--listen", "127.0.0.1:0", "--store-timeout", "300"]);
    demo.args(["--store", url]).env("RUST_LOG", "info");
    demo.output().unwrap()
}

/// Panics unless it is one line that says this, and neither `wanda` nor `secret`.
#[track_caller]
fn assert_refused(url: &str, says: &str) {
    assert_refused_with(&[], url, says);
}

#[track_caller]
fn assert_refused_with(options: &[&str], url: &str, says: &str) {
    let output = start(url, options);
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(
        line.starts_with("demo: --") && line.contains(says),
        "{line}"
    );
    assert!(
        !line.contains("wanda") && !line.contains("secret"),
        "{line}"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn a_url_is_refused_without_its_user_and_password() {
    for scheme in SCHEMES {
        for (rest, says) in [
            ("wanda:secret@host:port/db", "port"),
            ("wanda:secret@host/db?ssl-mode=sometimes", "sometimes"),
            // Each would be read as a host, a port or a database.
            ("wanda:1/secret@host/db", "percent-encoded"),
            ("wanda:1?secret@host/db", "percent-encoded"),
            ("wanda:1#secret@host/db", "percent-encoded"),
            ("secret#1:wanda@host/db", "percent-encoded"),
        ] {
            assert_refused(&format!("{scheme}://{rest}"), says);
        }
    }
}

#[test]
fn a_url_of_redis_is_refused_without_its_user_and_password() {
    for scheme in REDIS {
        let path = path(scheme);
        for (at, options, says) in [
            ("wanda:secret@host:port", "", "did not parse"),
            ("wanda:secret@0.0.0.0", "", "wildcard"),
            ("wanda:secret@host", "/wanda", "database number"),
            ("wanda:secret@host", "?protocol=sometimes", "sometimes"),
            ("wanda:%ff@host", "", "Password"),
            ("%ff:secret@host", "", "Username"),
            ("wanda:1/secret@host", "", "percent-encoded"),
            ("wanda:1?secret@host", "", "percent-encoded"),
            ("wanda:1#secret@host", "", "percent-encoded"),
            ("secret#1:wanda@host", "", "percent-encoded"),
        ] {
            assert_refused(&format!("{scheme}://{at}{path}{options}"), says);
        }
    }
}

/// What the URLs of this scheme need after the host, and a database.
fn path(scheme: &str) -> &'static str {
    if scheme == "redis+sentinel" {
        "/shop/0"
    } else {
        "/0"
    }
}

#[test]
fn an_option_of_no_use_with_a_server_is_refused_without_its_user_and_password() {
    let key = "bG9uZ2xvbmdsb25nbG9uZ2xvbmdsb25nbG9uZ2xvbmc=";
    for scheme in SCHEMES {
        let url = format!("{scheme}://wanda:secret@host:1/shop");
        assert_refused_with(&["--near-cache"], &url, "://host:1/shop is not available");
        assert_refused_with(&["--key", key], &url, "no use with");
    }
    for scheme in REDIS {
        let url = format!("{scheme}://wanda:secret@host:1{}", path(scheme));
        assert_refused_with(&["--near-cache", "--key", key], &url, "no use with");
    }
}

#[test]
fn a_server_that_is_not_there_is_told_within_the_store_timeout() {
    // Whoever listens there says nothing.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let mute = mute.local_addr().unwrap();
    // The program is built before the clock starts.
    drop(start("nonsense:", &[]));
    for scheme in SCHEMES {
        for address in ["127.0.0.1:1", &mute.to_string()] {
            let begun = Instant::now();
            let url = format!("{scheme}://wanda:secret@{address}/shop?application_name=secret");
            assert_refused(&url, &format!("://{address}/shop cannot be opened: "));
            assert!(begun.elapsed() < Duration::from_secs(2));
        }
    }
}

#[test]
fn redis_that_is_not_there_is_told_within_the_store_timeout() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let mute = mute.local_addr().unwrap();
    // The program is built before the clock starts.
    drop(start("nonsense:", &[]));
    for scheme in REDIS {
        let path = path(scheme);
        for address in ["127.0.0.1:1", &mute.to_string()] {
            let begun = Instant::now();
            let url = format!("{scheme}://wanda:secret@{address}{path}?secret=secret");
            assert_refused(&url, &format!("://{address}{path} cannot be opened: "));
            assert!(begun.elapsed() < Duration::from_secs(2));
        }
    }
}

#[tokio::test]
async fn redis_that_refuses_is_told() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let mut keys = Keys::open(&server.url()).await;
    keys.add_user("wanda", "secret", "+get").await;
    let wanda = server.url().replace("//", "//wanda:secret@");
    assert_refused(&wanda, "no permission");
    assert_refused(
        &wanda.replace(":secret", ":secret2"),
        "authentication failed",
    );
    assert_refused(&format!("{}/99", server.url()), "out of range");
}

#[test]
fn sentinels_that_know_no_such_master_are_told() {
    let Some(url) = shared(Kind::RedisSentinel) else {
        return;
    };
    let (hosts, _) = url.rsplit_once('/').unwrap();
    let url = format!("{hosts}/nothing_here").replace("//", "//wanda:secret@");
    assert_refused(&url, "/nothing_here cannot be opened: ");
}

#[test]
fn a_server_that_refuses_is_told() {
    for (kind, database) in [(Kind::Postgres, "postgres"), (Kind::MariaDb, "mysql")] {
        let Some(url) = shared(kind) else {
            continue;
        };
        let (scheme, _) = url.split_once("//").unwrap();
        let (_, host) = url.rsplit_once('@').unwrap();
        let (host, _) = host.split_once('/').unwrap();
        let wanda = format!("{scheme}//wanda:secret@{host}/{database}");
        assert_refused(&wanda, "the user");
        let (server, _) = url.rsplit_once('/').unwrap();
        assert_refused(&format!("{server}/nothing_here"), "nothing_here");
    }
}
