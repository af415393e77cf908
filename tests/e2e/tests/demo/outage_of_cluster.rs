//! A node of a Redis Cluster that dies or hangs: the sessions of others go on, its own are told until its
//! replica takes over, and are all there then.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use session_test_servers::Cluster;
use tokio::time::sleep;

use crate::{
    harness::{Site, Visitor, send},
    outage::{BOUND, assert_outage},
};

const ARGUMENTS: &[&str] = &["--store-timeout", "500", "--renew", "never"];
const NEAR: &[&str] = &["--near-cache"];
/// Sessions enough for each of the three masters to have some.
const MANY: usize = 24;
/// How soon a replica has taken over on a busy machine.
const TAKEN_OVER: Duration = Duration::from_secs(20);

async fn start(more: &[&str]) -> Option<(Cluster, Site, Vec<String>)> {
    let cluster = Cluster::start()?;
    let arguments = [ARGUMENTS, more].concat();
    let site = Site::at(&cluster.url(), "info", &arguments);
    let visits = (0..MANY).map(async |node| Visitor::with(site.node(node), "a", "1").await.pair());
    let cookies = join_all(visits).await;
    // What a master had alone when it died would be gone.
    sleep(Duration::from_millis(200)).await;
    Some((cluster, site, cookies))
}

/// Calls both processes once for each session; how many were served.
async fn served(site: &Site, call: &str, cookies: &[String]) -> usize {
    let calls = (0..2).flat_map(|node| cookies.iter().map(move |cookie| (node, cookie)));
    let served = calls.map(async |(node, cookie)| {
        let begun = Instant::now();
        let answer = send(site.node(node), call, Some(cookie), "1").await;
        assert!(begun.elapsed() < BOUND, "{call} took {:?}", begun.elapsed());
        match answer.status {
            200 => assert_eq!(answer.data()["a"], 1),
            204 => {}
            _ => assert_outage(&answer),
        }
        answer.status != 503
    });
    let served = join_all(served).await;
    served.into_iter().filter(|served| *served).count()
}

/// Waits until every session is served by both processes, and some were all the while.
async fn assert_taken_over(site: &Site, cookies: &[String]) {
    let begun = Instant::now();
    let mut fewest = 2 * MANY;
    loop {
        let read = served(site, "GET /api/session", cookies).await;
        let written = served(site, "PUT /api/session/a", cookies).await;
        fewest = fewest.min(read);
        let health = send(site.node(0), "GET /healthz", None, "").await;
        assert_eq!(health.expect(200).json(), "ok");
        if (read, written) == (2 * MANY, 2 * MANY) && fewest < 2 * MANY {
            break;
        }
        assert!(begun.elapsed() < TAKEN_OVER, "{read} and {written}");
        sleep(Duration::from_millis(50)).await;
    }
    assert!(fewest < 2 * MANY, "there was an outage to see");
}

async fn a_node_dies(more: &[&str]) {
    let Some((cluster, site, cookies)) = start(more).await else {
        return;
    };
    cluster.kill(0);
    assert_taken_over(&site, &cookies).await;
    cluster.restart(0);
    cluster.settle();
    assert_eq!(served(&site, "GET /api/session", &cookies).await, 2 * MANY);
    for cookie in &cookies {
        let cycle = send(site.node(0), "POST /api/cycle", Some(cookie), "").await;
        cycle.expect(204);
    }
    site.assert_rows(MANY).await;
}

async fn a_node_hangs(more: &[&str]) {
    let Some((cluster, site, cookies)) = start(more).await else {
        return;
    };
    cluster.pause(0);
    assert_taken_over(&site, &cookies).await;
    cluster.resume(0);
    cluster.settle();
    assert_eq!(served(&site, "GET /api/session", &cookies).await, 2 * MANY);
    site.assert_rows(MANY).await;
}

#[tokio::test]
async fn sessions_of_a_node_that_dies_are_back_with_its_replica() {
    a_node_dies(&[]).await;
}

#[tokio::test]
async fn sessions_of_a_node_that_hangs_are_back_with_its_replica() {
    a_node_hangs(&[]).await;
}

#[tokio::test]
async fn they_are_back_with_near_caches_too_when_it_dies() {
    a_node_dies(NEAR).await;
}

#[tokio::test]
async fn they_are_back_with_near_caches_too_when_it_hangs() {
    a_node_hangs(NEAR).await;
}
