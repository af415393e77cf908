//! A store that fails for a while: bounded, told, and without damage.

use std::time::{Duration, Instant};

use crate::harness::{Answer, Site, Visitor, send};

const ARGUMENTS: &[&str] = &["--store-timeout", "200", "--renew", "never"];
/// The store's timeout, and time for a busy machine to answer.
pub(crate) const BOUND: Duration = Duration::from_secs(2);

#[track_caller]
pub(crate) fn assert_outage(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.all("retry-after"), ["1"]);
    assert_eq!(answer.all("content-type"), ["application/json"]);
    assert_eq!(answer.json()["error"], "The session store is unavailable.");
    assert_eq!(answer.set_cookies(), [""; 0]);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_refuses_writers_and_serves_readers() {
    let site = Site::sqlite(ARGUMENTS);
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    let mut database = site.database().await.unwrap();
    database.execute("BEGIN IMMEDIATE").await;
    for call in [
        "PUT /api/session/a",
        "DELETE /api/session/a",
        "POST /api/session/a/increment",
        "POST /api/cycle",
        "POST /api/logout",
    ] {
        let begun = Instant::now();
        assert_outage(&send(site.node(0), call, Some(&cookie), "2").await);
        assert!(begun.elapsed() < BOUND, "{call} took {:?}", begun.elapsed());
    }
    let read = send(site.node(1), "GET /api/session", Some(&cookie), "").await;
    assert_eq!(read.data(), serde_json::json!({"a": 1}));
    // What the demo has given up may wait for the lock a little longer, and must not get it yet.
    tokio::time::sleep(Duration::from_millis(300)).await;
    database.execute("ROLLBACK").await;
    send(site.node(0), "PUT /api/session/a", Some(&cookie), "2")
        .await
        .expect(204);
    let read = send(site.node(1), "GET /api/session", Some(&cookie), "").await;
    assert_eq!(read.data(), serde_json::json!({"a": 2}));
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_never_taken_for_an_empty_session() {
    let site = Site::sqlite(ARGUMENTS);
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    let mut database = site.database().await.unwrap();
    database
        .execute("ALTER TABLE sessions RENAME TO away")
        .await;
    for node in 0..2 {
        for call in [
            "GET /api/session",
            "GET /",
            "PUT /api/session/b",
            "POST /api/logout",
        ] {
            assert_outage(&send(site.node(node), call, Some(&cookie), "1").await);
        }
        // Whoever needs no stored session is served.
        send(site.node(node), "GET /healthz", Some(&cookie), "")
            .await
            .expect(200);
        assert!(
            send(site.node(node), "GET /api/session", None, "")
                .await
                .is_anonymous()
        );
    }
    database
        .execute("ALTER TABLE away RENAME TO sessions")
        .await;
    for node in 0..2 {
        let read = send(site.node(node), "GET /api/session", Some(&cookie), "").await;
        assert_eq!(read.data(), serde_json::json!({"a": 1}));
    }
    site.assert_rows(1).await;
}
