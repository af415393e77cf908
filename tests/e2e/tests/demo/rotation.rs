//! A new ID: the data moves along, the old ID is dead, and a failure leaves one of the two.

use crate::harness::{Site, Visitor, on_each_near_cache, on_each_store, send};

async fn a_new_id_keeps_the_data_and_ends_the_old_id(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "a", "[1,2]").await;
    let old = visitor.pair();
    visitor
        .call(site.node(1), "POST /api/cycle", "")
        .await
        .expect(204);
    assert_ne!(visitor.pair(), old);
    for node in 0..2 {
        let data = visitor
            .call(site.node(node), "GET /api/session", "")
            .await
            .data();
        assert_eq!(data, serde_json::json!({"a": [1, 2]}));
        assert!(
            send(site.node(node), "GET /api/session", Some(&old), "")
                .await
                .is_anonymous()
        );
    }
    site.assert_rows(1).await;
}

async fn a_failure_after_it_leaves_the_session_as_it_was(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    let old = visitor.pair();
    for (call, status) in [
        ("POST /api/cycle?then=500", 500),
        ("POST /api/cycle?then=panic", 500),
        ("POST /api/cycle?then=503", 503),
        ("PUT /api/session/a?then=500", 500),
        ("PUT /api/session/a?then=panic", 500),
    ] {
        let answer = visitor.call(site.node(0), call, "2").await.expect(status);
        assert!(answer.json()["error"].is_string());
        assert_eq!(answer.set_cookies(), [""; 0]);
        assert_eq!(visitor.pair(), old);
        let data = visitor
            .call(site.node(1), "GET /api/session", "")
            .await
            .data();
        assert_eq!(data, serde_json::json!({"a": 1}), "{call}");
        site.assert_rows(1).await;
    }
}

async fn a_client_error_after_it_stores_it_all_the_same(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    let old = visitor.pair();
    visitor
        .call(site.node(0), "POST /api/cycle?then=404", "")
        .await
        .expect(404);
    assert_ne!(visitor.pair(), old);
    visitor
        .call(site.node(0), "PUT /api/session/b?then=409", "2")
        .await
        .expect(409);
    let data = visitor
        .call(site.node(1), "GET /api/session", "")
        .await
        .data();
    assert_eq!(data, serde_json::json!({"a": 1, "b": 2}));
}

async fn a_logout_after_a_panic_still_ends_the_session(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    let old = visitor.pair();
    visitor
        .call(site.node(0), "PUT /api/session/b?then=panic", "1")
        .await
        .expect(500);
    visitor
        .call(site.node(0), "POST /api/logout", "")
        .await
        .expect(204);
    for node in 0..2 {
        assert!(
            send(site.node(node), "GET /api/session", Some(&old), "")
                .await
                .is_anonymous()
        );
    }
    site.assert_rows(0).await;
}

on_each_store!(&[];
    a_new_id_keeps_the_data_and_ends_the_old_id,
    a_failure_after_it_leaves_the_session_as_it_was,
    a_client_error_after_it_stores_it_all_the_same,
    a_logout_after_a_panic_still_ends_the_session,
);

on_each_near_cache!(&[];
    a_new_id_keeps_the_data_and_ends_the_old_id,
    a_failure_after_it_leaves_the_session_as_it_was,
    a_client_error_after_it_stores_it_all_the_same,
    a_logout_after_a_panic_still_ends_the_session,
);
