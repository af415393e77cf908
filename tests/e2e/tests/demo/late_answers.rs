//! A request that was overtaken by a logout or a rotation: it revives nothing, and its answer
//! says nothing of the cookie. `SESSION_TEST_REPEAT` says how often the first of them is tried.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::{join, time::sleep};

use crate::harness::{
    Answer, Site, Visitor, begin, on_each_near_cache, on_each_store, repeats, send,
};

/// Each request renews, so that a reader has something to do as late as a writer.
const RENEWING: &[&str] = &["--renew", "every-request"];

/// How many milliseconds a request without a body is held: long enough to be overtaken on a busy
/// machine.
const HOLD: u64 = 1200;
/// When such a request has loaded its session.
const LOADED: Duration = Duration::from_millis(300);

async fn a_slow_writer_does_not_revive_what_a_logout_ended(site: Site) {
    for _ in 0..repeats() {
        overtake_a_writer_by_a_logout(&site).await;
    }
}

async fn overtake_a_writer_by_a_logout(site: &Site) {
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    let old = visitor.pair();
    let slow = begin(site.node(1), "PUT /api/session/late?hold_ms=20", &old, "1").await;
    let logout = visitor
        .call(site.node(0), "POST /api/logout", "")
        .await
        .expect(204);
    assert!(logout.removes_cookie());
    let late = slow.finish().await;
    assert_eq!(late.set_cookies(), [""; 0]);
    for node in 0..2 {
        assert!(
            send(site.node(node), "GET /api/session", Some(&old), "")
                .await
                .is_anonymous()
        );
    }
    site.assert_rows(0).await;
}

async fn a_slow_reader_does_not_revive_what_a_logout_ended(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    let old = visitor.pair();
    let call = format!("GET /api/session?hold_ms={HOLD}");
    let slow = send(site.node(1), &call, Some(&old), "");
    let logout = async {
        sleep(LOADED).await;
        visitor
            .call(site.node(0), "POST /api/logout", "")
            .await
            .expect(204)
    };
    let (late, _) = join!(slow, logout);
    assert_eq!(late.set_cookies(), [""; 0]);
    assert!(
        send(site.node(1), "GET /api/session", Some(&old), "")
            .await
            .is_anonymous()
    );
    site.assert_rows(0).await;
}

async fn a_slow_increment_does_not_revive_what_a_logout_ended(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "n", "1").await;
    let old = visitor.pair();
    // Its handler waits after it has loaded the session; a late load would find none at all.
    let call = format!("POST /api/session/n/increment?hold_ms={HOLD}");
    let slow = send(site.node(1), &call, Some(&old), "");
    let logout = async {
        sleep(LOADED).await;
        visitor
            .call(site.node(0), "POST /api/logout", "")
            .await
            .expect(204)
    };
    let (late, _) = join!(slow, logout);
    assert_eq!(late.status, 409, "{late:?}");
    assert_eq!(late.json()["error"], "The session has ended.");
    assert_eq!(late.set_cookies(), [""; 0]);
    site.assert_rows(0).await;
}

async fn a_slow_writer_leaves_a_rotated_session_alone(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    let old = visitor.pair();
    let slow = begin(site.node(1), "PUT /api/session/late?hold_ms=20", &old, "1").await;
    visitor
        .call(site.node(0), "POST /api/cycle", "")
        .await
        .expect(204);
    assert_ne!(visitor.pair(), old);
    let late = slow.finish().await;
    assert_eq!(late.set_cookies(), [""; 0]);
    assert!(
        send(site.node(1), "GET /api/session", Some(&old), "")
            .await
            .is_anonymous()
    );
    let data = visitor
        .call(site.node(1), "GET /api/session", "")
        .await
        .data();
    assert_eq!(data, serde_json::json!({"a": 1}));
    site.assert_rows(1).await;
}

async fn a_late_answer_neither_removes_nor_replaces_the_newer_cookie(site: Site) {
    let calls = [
        "GET /api/session",
        "POST /api/logout",
        "DELETE /api/session/a",
        "POST /api/cycle",
    ];
    join_all(calls.map(async |call| {
        let mut visitor = Visitor::with(site.node(0), "a", "1").await;
        let old = visitor.pair();
        let held = format!("{call}?hold_ms={HOLD}");
        let slow = send(site.node(1), &held, Some(&old), "");
        let cycle = async {
            sleep(LOADED).await;
            visitor
                .call(site.node(0), "POST /api/cycle", "")
                .await
                .expect(204);
        };
        let (late, ()) = join!(slow, cycle);
        assert_eq!(late.set_cookies(), [""; 0], "{late:?}");
        let data = visitor
            .call(site.node(1), "GET /api/session", "")
            .await
            .data();
        assert_eq!(data["a"], 1);
    }))
    .await;
}

async fn a_logout_is_final_on_every_process_at_once(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    let old = visitor.pair();
    visitor
        .call(site.node(1), "GET /api/session", "")
        .await
        .expect(200);
    visitor
        .call(site.node(0), "POST /api/logout", "")
        .await
        .expect(204);
    site.sees(1, "GET /api/session", &old, Answer::is_anonymous)
        .await;
    let again = send(site.node(1), "POST /api/logout", Some(&old), "")
        .await
        .expect(204);
    assert_eq!(again.cookie(), None);
}

on_each_store!(super::RENEWING;
    a_slow_writer_does_not_revive_what_a_logout_ended,
    a_slow_reader_does_not_revive_what_a_logout_ended,
    a_slow_increment_does_not_revive_what_a_logout_ended,
    a_slow_writer_leaves_a_rotated_session_alone,
    a_late_answer_neither_removes_nor_replaces_the_newer_cookie,
    a_logout_is_final_on_every_process_at_once,
);

on_each_near_cache!(super::RENEWING;
    a_slow_writer_does_not_revive_what_a_logout_ended,
    a_slow_reader_does_not_revive_what_a_logout_ended,
    a_slow_increment_does_not_revive_what_a_logout_ended,
    a_slow_writer_leaves_a_rotated_session_alone,
    a_late_answer_neither_removes_nor_replaces_the_newer_cookie,
    a_logout_is_final_on_every_process_at_once,
);
