//! Near caches while the server hangs, and what another process ends while one serves from its cache. What
//! else is claimed of two processes is claimed of two with near caches beside it.

use std::time::{Duration, Instant};

use session_test_servers::{Kind, Server};
use tokio::time::sleep;

use crate::{
    harness::{Answer, Site, Visitor, on_each_near_cache, send},
    outage::assert_outage,
};

/// For how long a copy is served.
const MAX_AGE: Duration = Duration::from_secs(5);
/// A request that only reads has nothing to write.
const ARGUMENTS: &[&str] = &["--store-timeout", "500", "--renew", "never"];

async fn what_ends_a_session_ends_it_for_whoever_has_read_it(site: Site) {
    for call in [
        "POST /api/logout",
        "POST /api/cycle",
        "POST /api/session/clear",
    ] {
        let mut visitor = Visitor::with(site.node(0), "a", "1").await;
        let old = visitor.pair();
        for node in [0, 1, 1] {
            let read = send(site.node(node), "GET /api/session", Some(&old), "").await;
            assert_eq!(read.data()["a"], 1);
        }
        visitor.call(site.node(0), call, "").await.expect(204);
        // Whoever did it knows at once.
        let read = send(site.node(0), "GET /api/session", Some(&old), "").await;
        assert!(read.is_anonymous(), "{call}");
        site.sees(1, "GET /api/session", &old, Answer::is_anonymous)
            .await;
        // A copy that was served for the last time does not write.
        let late = send(site.node(1), "PUT /api/session/b", Some(&old), "1").await;
        assert_ne!(late.cookie().expect("a session of its own"), old);
        let read = send(site.node(1), "GET /api/session", Some(&old), "").await;
        assert!(read.is_anonymous(), "{call}");
    }
}

async fn a_copy_overwrites_nothing_that_it_does_not_know(site: Site) {
    let cookie = Visitor::with(site.node(0), "n", "0").await.pair();
    for n in 1..=20 {
        // Each process writes just after the other has, and may not have been told yet.
        let call = "POST /api/session/n/increment";
        let answer = send(site.node(n), call, Some(&cookie), "").await;
        assert_eq!(answer.expect(200).json(), n);
        let key = format!("PUT /api/session/k{n}");
        let put = send(site.node(n + 1), &key, Some(&cookie), "1").await;
        put.expect(204);
        // So that both have a copy.
        for node in 0..2 {
            send(site.node(node), "GET /api/session", Some(&cookie), "").await;
        }
    }
    let has_all = |answer: &Answer| answer.data().as_object().is_some_and(|it| it.len() == 21);
    for node in 0..2 {
        site.sees(node, "GET /api/session", &cookie, has_all).await;
    }
}

on_each_near_cache!(&[];
    what_ends_a_session_ends_it_for_whoever_has_read_it,
    a_copy_overwrites_nothing_that_it_does_not_know,
);

fn start() -> Option<(Server, Site)> {
    let server = Server::start(Kind::Redis)?;
    let arguments = [ARGUMENTS, &["--near-cache"]].concat();
    let site = Site::at(&server.url(), "info", &arguments);
    Some((server, site))
}

#[tokio::test]
async fn a_server_that_hangs_is_told_once_the_copies_are_old() {
    let Some((server, site)) = start() else {
        return;
    };
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    let unread = Visitor::with(site.node(0), "a", "1").await.pair();
    let read = async |node| send(site.node(node), "GET /api/session", Some(&cookie), "").await;
    let kept = Instant::now();
    assert_eq!(read(0).await.data()["a"], 1);
    server.pause();
    let mut last = kept;
    let told = loop {
        let answer = read(0).await;
        if answer.status != 200 {
            break answer;
        }
        assert_eq!(answer.data()["a"], 1);
        last = Instant::now();
        assert!(kept.elapsed() < 2 * MAX_AGE, "it is served for too long");
        sleep(Duration::from_millis(50)).await;
    };
    assert_outage(&told);
    let served = last - kept;
    // Sooner where something else was not answered in time, which gives the connection up.
    assert!(
        served < MAX_AGE + Duration::from_secs(1),
        "it was served for {served:?}"
    );
    // Who has no copy, and who writes, waits no longer than anywhere.
    let other = send(site.node(0), "GET /api/session", Some(&unread), "").await;
    assert_outage(&other);
    assert_outage(&read(1).await);
    assert_outage(&send(site.node(0), "PUT /api/session/a", Some(&cookie), "2").await);
    server.resume();
    let back = Instant::now();
    for node in 0..2 {
        while read(node).await.status != 200 {
            assert!(
                back.elapsed() < Duration::from_secs(2),
                "{node} is not back"
            );
        }
    }
}

/// A copy of what was there before would hide what happened meanwhile.
#[tokio::test]
async fn nothing_is_served_over_a_connection_that_is_gone() {
    let Some((server, site)) = start() else {
        return;
    };
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    for node in 0..2 {
        send(site.node(node), "GET /api/session", Some(&cookie), "")
            .await
            .expect(200);
    }
    server.kill();
    for node in 0..2 {
        let gone = |answer: &Answer| answer.status == 503;
        let answer = site.sees(node, "GET /api/session", &cookie, gone).await;
        assert_outage(&answer);
    }
    server.restart();
    for node in 0..2 {
        let back = |answer: &Answer| answer.status == 200;
        let answer = site.sees(node, "GET /api/session", &cookie, back).await;
        assert_eq!(answer.data()["a"], 1);
    }
}
