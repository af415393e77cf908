//! IDs that the server did not give out, or has ended.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::harness::{Site, Visitor, on_each_near_cache, on_each_store, send};

async fn an_id_that_was_never_issued_is_never_adopted(site: Site) {
    let well_formed = format!("__Host-id={}", URL_SAFE_NO_PAD.encode([7; 32]));
    for planted in [well_formed.as_str(), "__Host-id=attacker", "__Host-id="] {
        let read = send(site.node(0), "GET /api/session", Some(planted), "").await;
        assert!(read.is_anonymous());
        assert_eq!(read.set_cookies(), [""; 0]);
    }
    site.assert_rows(0).await;
    for planted in [well_formed.as_str(), "__Host-id=attacker"] {
        let write = send(site.node(0), "PUT /api/session/a", Some(planted), "1").await;
        let given = write.cookie().expect("a cookie of its own");
        assert_ne!(given, planted);
        assert!(
            send(site.node(1), "GET /api/session", Some(planted), "")
                .await
                .is_anonymous()
        );
        assert!(
            !send(site.node(1), "GET /api/session", Some(&given), "")
                .await
                .is_anonymous()
        );
    }
    site.assert_rows(2).await;
}

async fn an_id_that_was_ended_is_not_used_again(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    let old = visitor.pair();
    visitor
        .call(site.node(0), "POST /api/logout", "")
        .await
        .expect(204);
    let write = send(site.node(1), "PUT /api/session/b", Some(&old), "1")
        .await
        .expect(204);
    assert_ne!(write.cookie().expect("a new cookie"), old);
    assert!(
        send(site.node(0), "GET /api/session", Some(&old), "")
            .await
            .is_anonymous()
    );
    site.assert_rows(1).await;
}

async fn anonymous_visits_leave_nothing_behind(site: Site) {
    for n in 0..50 {
        for call in [
            "GET /api/session",
            "GET /",
            "POST /api/session/clear",
            "POST /api/cycle",
        ] {
            let answer = send(site.node(n), call, None, "").await;
            assert_eq!(answer.set_cookies(), [""; 0], "{call}");
        }
    }
    site.assert_rows(0).await;
}

on_each_store!(&[];
    an_id_that_was_never_issued_is_never_adopted,
    an_id_that_was_ended_is_not_used_again,
    anonymous_visits_leave_nothing_behind,
);

on_each_near_cache!(&[];
    an_id_that_was_never_issued_is_never_adopted,
    an_id_that_was_ended_is_not_used_again,
    anonymous_visits_leave_nothing_behind,
);
