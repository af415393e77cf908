//! A database server that dies or hangs for a while: bounded, told, and without damage. Each test has
//! a server of its own.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use session_test_servers::{Kind, Server};
use tokio::{
    task::spawn_blocking,
    time::{sleep, timeout},
};

use crate::{
    harness::{Site, Visitor, begin, send},
    outage::{BOUND, assert_outage},
};

const ARGUMENTS: &[&str] = &["--store-timeout", "500", "--renew", "never"];
/// How soon the demo works again once the server does.
const BACK: Duration = Duration::from_secs(2);

/// A server and a site on it whose processes have all the connections that they may have.
async fn start(kind: Kind) -> Option<(Server, Site)> {
    let server = Server::start(kind)?;
    let site = Site::at(&server.url(), "info", ARGUMENTS);
    let visits = (0..60).map(async |node| Visitor::with(site.node(node), "a", "1").await);
    join_all(visits).await;
    Some((server, site))
}

/// What every request sees while the store is away.
async fn assert_bounded(site: &Site, cookie: &str) {
    let requests = [
        ("GET /api/session", Some(cookie)),
        ("GET /", Some(cookie)),
        ("PUT /api/session/a", Some(cookie)),
        ("POST /api/session/a/increment", Some(cookie)),
        ("POST /api/cycle", Some(cookie)),
        ("POST /api/logout", Some(cookie)),
        // Nobody is given a cookie for what is not stored.
        ("PUT /api/session/a", None),
    ];
    let requests = (0..2).flat_map(|node| requests.map(|(call, cookie)| (node, call, cookie)));
    join_all(requests.map(async |(node, call, cookie)| {
        let begun = Instant::now();
        assert_outage(&send(site.node(node), call, cookie, "2").await);
        assert!(begun.elapsed() < BOUND, "{call} took {:?}", begun.elapsed());
    }))
    .await;
    for node in 0..2 {
        // Whoever needs no stored session is served.
        let anonymous = send(site.node(node), "GET /api/session", None, "").await;
        assert!(anonymous.is_anonymous());
        let health = send(site.node(node), "GET /healthz", Some(cookie), "").await;
        assert_eq!(health.expect(200).json(), "ok");
    }
}

/// Waits until both processes read this session and it holds what it held.
async fn assert_back(site: &Site, cookie: &str) {
    let back = Instant::now();
    for node in 0..2 {
        loop {
            let read = send(site.node(node), "GET /api/session", Some(cookie), "").await;
            if read.status == 200 {
                assert_eq!(read.data(), serde_json::json!({"a": 1}));
                break;
            }
            assert_outage(&read);
            assert!(back.elapsed() < BACK, "{node} is not back");
            sleep(Duration::from_millis(20)).await;
        }
        assert!(back.elapsed() < BACK, "{node} took {:?}", back.elapsed());
    }
    for node in 0..2 {
        let write = send(site.node(node), "PUT /api/session/b", Some(cookie), "2").await;
        write.expect(204);
    }
}

async fn a_server_that_dies_is_told_and_its_sessions_are_back_with_it(kind: Kind) {
    let Some((server, site)) = start(kind).await else {
        return;
    };
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    let held = begin(site.node(1), "PUT /api/session/late", &cookie, "1").await;
    server.kill();
    assert_outage(&held.finish().await);
    assert_bounded(&site, &cookie).await;
    server.restart();
    assert_back(&site, &cookie).await;
    site.assert_rows(61).await;
}

async fn a_server_that_hangs_is_told_and_its_sessions_are_back_with_it(kind: Kind) {
    let Some((server, site)) = start(kind).await else {
        return;
    };
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    server.pause();
    // More requests than there are connections.
    let crowd = (0..30).map(|node| send(site.node(node), "GET /api/session", Some(&cookie), ""));
    let begun = Instant::now();
    for answer in join_all(crowd).await {
        assert_outage(&answer);
    }
    assert!(begun.elapsed() < BOUND, "it took {:?}", begun.elapsed());
    server.resume();
    let back = Instant::now();
    while send(site.node(0), "GET /api/session", Some(&cookie), "")
        .await
        .status
        != 200
    {
        assert!(back.elapsed() < BACK);
    }
    assert_back(&site, &cookie).await;
}

async fn a_server_that_hangs_does_not_keep_the_program_from_stopping(kind: Kind) {
    let Some((server, mut site)) = start(kind).await else {
        return;
    };
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    server.pause();
    // Connections with something under way are not to be closed in good order.
    assert_bounded(&site, &cookie).await;
    for node in &mut site.nodes {
        node.terminate();
    }
    for node in &mut site.nodes {
        let ended = node.ended_within(Duration::from_secs(10));
        assert_eq!(ended.expect("it ends").code(), Some(0));
    }
}

async fn a_restart_that_no_request_met_goes_unnoticed(kind: Kind) {
    let Some((server, site)) = start(kind).await else {
        return;
    };
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    server.stop();
    server.restart();
    // Every connection that a process has is dead.
    let crowd = (0..16).map(|node| send(site.node(node), "GET /api/session", Some(&cookie), ""));
    for read in join_all(crowd).await {
        assert_eq!(read.data(), serde_json::json!({"a": 1}));
    }
    assert_back(&site, &cookie).await;
}

async fn what_was_acknowledged_before_a_crash_is_there_after_it(kind: Kind) {
    let Some((server, site)) = start(kind).await else {
        return;
    };
    let cookie = Visitor::with(site.node(0), "n", "0").await.pair();
    let crash = spawn_blocking(move || {
        std::thread::sleep(Duration::from_millis(200));
        server.kill();
        // Longer than requests wait for it.
        std::thread::sleep(Duration::from_millis(700));
        server.restart();
        server
    });
    let (mut acknowledged, mut unknown) = (0_u64, 0_u64);
    let mut after = 0;
    while after < 10 {
        let call = "POST /api/session/n/increment";
        let answer = send(site.node(after), call, Some(&cookie), "").await;
        match answer.status {
            200 => acknowledged += 1,
            _ => {
                assert_outage(&answer);
                unknown += 1;
            }
        }
        after += usize::from(crash.is_finished());
    }
    let _server = timeout(BACK, crash).await.unwrap().unwrap();
    let total = send(site.node(1), "GET /api/session/n", Some(&cookie), "").await;
    let total = total.expect(200).json().as_u64().unwrap();
    assert!(acknowledged > 10 && unknown > 0, "there was a crash to see");
    assert!(
        (acknowledged..=acknowledged + unknown).contains(&total),
        "{acknowledged} and {unknown}: {total}"
    );
}

macro_rules! on_each_kind {
    ($($claim:ident),+ $(,)?) => {
        mod postgres {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim(super::Kind::Postgres).await;
            })+
        }

        mod mariadb {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim(super::Kind::MariaDb).await;
            })+
        }

        mod redis {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim(super::Kind::Redis).await;
            })+
        }
    };
}

on_each_kind!(
    a_server_that_dies_is_told_and_its_sessions_are_back_with_it,
    a_server_that_hangs_is_told_and_its_sessions_are_back_with_it,
    a_server_that_hangs_does_not_keep_the_program_from_stopping,
    a_restart_that_no_request_met_goes_unnoticed,
    what_was_acknowledged_before_a_crash_is_there_after_it,
);
