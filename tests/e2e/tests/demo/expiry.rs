//! Time, which the store measures.

use std::time::Duration;

use tokio::time::sleep;

use crate::harness::{Site, Visitor, on_each_store, send};

async fn a_session_that_is_not_used_ends_on_every_process(site: Site) {
    let visitor = Visitor::with(site.node(0), "a", "1").await;
    let cookie = visitor.pair();
    let alive = send(site.node(1), "GET /api/session", Some(&cookie), "").await;
    assert_eq!(alive.json()["expires_in"], 1);
    assert_eq!(alive.data()["a"], 1);
    sleep(Duration::from_millis(1050)).await;
    for node in 0..2 {
        let read = send(site.node(node), "GET /api/session", Some(&cookie), "").await;
        assert!(read.is_anonymous());
        assert_eq!(read.set_cookies(), [""; 0]);
    }
    let write = send(site.node(0), "PUT /api/session/a", Some(&cookie), "2").await;
    assert_ne!(write.cookie().expect("a new cookie"), cookie);
}

async fn a_session_that_is_used_lives_on_until_its_absolute_end(site: Site) {
    let visitor = Visitor::with(site.node(0), "a", "1").await;
    let cookie = visitor.pair();
    // Longer than the idle timeout, in steps shorter than it.
    for n in 0..4 {
        sleep(Duration::from_millis(350)).await;
        let read = send(site.node(n), "GET /api/session", Some(&cookie), "").await;
        assert_eq!(read.data()["a"], 1, "after {} ms", (n + 1) * 350);
    }
    sleep(Duration::from_millis(350)).await;
    send(site.node(0), "GET /api/session", Some(&cookie), "")
        .await
        .expect(200);
    sleep(Duration::from_millis(300)).await;
    for node in 0..2 {
        let read = send(site.node(node), "GET /api/session", Some(&cookie), "").await;
        assert!(read.is_anonymous(), "past its absolute timeout");
    }
}

mod idle {
    use super::{a_session_that_is_not_used_ends_on_every_process, on_each_store};

    on_each_store!(&["--idle", "1"]; a_session_that_is_not_used_ends_on_every_process);
}

mod absolute {
    use super::{a_session_that_is_used_lives_on_until_its_absolute_end, on_each_store};

    on_each_store!(
        &["--idle", "1", "--absolute", "2"];
        a_session_that_is_used_lives_on_until_its_absolute_end,
    );
}
