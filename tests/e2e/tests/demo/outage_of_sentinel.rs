//! A master that dies while sentinels watch it: its sessions are told to be away until one of its replicas
//! is the master, and are all there then.

use std::time::{Duration, Instant};

use session_test_servers::Sentinel;
use tokio::{task::spawn_blocking, time::sleep};

use crate::{
    harness::{Site, Visitor, begin, send},
    outage::{BOUND, assert_outage},
};

const ARGUMENTS: &[&str] = &["--store-timeout", "500", "--renew", "never"];
/// How soon a replica has taken over on a busy machine.
const TAKEN_OVER: Duration = Duration::from_secs(20);

#[tokio::test]
async fn sessions_of_a_master_that_dies_are_back_with_its_replica() {
    let Some(sentinel) = Sentinel::start() else {
        return;
    };
    let site = Site::at(&sentinel.url(), "info", ARGUMENTS);
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    let read = send(site.node(1), "GET /api/session", Some(&cookie), "").await;
    assert_eq!(read.data()["a"], 1);
    let mut ended = Visitor::with(site.node(1), "a", "1").await;
    let old = ended.pair();
    let late = begin(site.node(0), "PUT /api/session/late", &old, "1").await;
    ended
        .call(site.node(1), "POST /api/logout", "")
        .await
        .expect(204);
    // What a master had alone when it died would be gone.
    sleep(Duration::from_millis(200)).await;

    sentinel.kill(0);
    let away = send(site.node(0), "GET /api/session", Some(&cookie), "").await;
    assert_outage(&away);
    let sentinel = spawn_blocking(move || {
        sentinel.master_after(0);
        sentinel
    });
    let begun = Instant::now();
    for node in 0..2 {
        loop {
            let asked = Instant::now();
            let call = "PUT /api/session/b";
            let write = send(site.node(node), call, Some(&cookie), "2").await;
            assert!(asked.elapsed() < BOUND, "it took {:?}", asked.elapsed());
            if write.status == 204 {
                break;
            }
            assert_outage(&write);
            assert!(begun.elapsed() < TAKEN_OVER, "{node} is not back");
            sleep(Duration::from_millis(50)).await;
        }
        let read = send(site.node(node), "GET /api/session", Some(&cookie), "").await;
        assert_eq!(read.data(), serde_json::json!({"a": 1, "b": 2}));
    }
    assert_eq!(late.finish().await.set_cookies(), [""; 0]);
    let read = send(site.node(1), "GET /api/session", Some(&old), "").await;
    assert!(read.is_anonymous());
    drop(sentinel.await.unwrap());
}
