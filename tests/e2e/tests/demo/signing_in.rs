//! Signing in and out: who is known where, under which ID.

use serde_json::json;

use crate::harness::{Site, Visitor, on_each_store, send};

const ADA: &str = r#"{"user": "Ada"}"#;

async fn a_user_is_known_on_every_node_until_the_logout(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "cart", "[7]").await;
    let before = visitor.pair();
    let me = send(site.node(0), "GET /api/me", Some(&before), "").await;
    me.expect(401);
    visitor
        .call(site.node(0), "POST /api/login", ADA)
        .await
        .expect(204);
    assert_ne!(visitor.pair(), before);
    for node in 0..2 {
        let me = visitor.call(site.node(node), "GET /api/me", "").await;
        assert_eq!(me.expect(200).json(), json!({"user": "Ada"}));
        let whole = visitor.call(site.node(node), "GET /api/session", "").await;
        assert_eq!(whole.json()["user"], "Ada");
        assert_eq!(whole.data(), json!({"cart": [7]}));
        let old = send(site.node(node), "GET /api/session", Some(&before), "");
        assert!(old.await.is_anonymous());
    }
    let user = visitor.pair();
    let out = visitor.call(site.node(1), "POST /api/logout", "").await;
    assert!(out.expect(204).removes_cookie());
    for node in 0..2 {
        let me = send(site.node(node), "GET /api/me", Some(&user), "").await;
        me.expect(401);
    }
    site.assert_rows(0).await;
}

/// The rotation and the user are stored as one, after the handler.
async fn a_login_that_fails_leaves_the_visitor_as_it_was(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "cart", "[7]").await;
    let before = visitor.pair();
    for call in [
        "POST /api/login?then=500",
        "POST /api/login?then=503",
        "POST /api/login?then=panic",
    ] {
        let answer = visitor.call(site.node(0), call, ADA).await;
        assert_eq!(answer.set_cookies(), [""; 0]);
        assert_eq!(visitor.pair(), before);
        let whole = visitor.call(site.node(1), "GET /api/session", "").await;
        assert_eq!(whole.json()["user"], json!(null), "{call}");
        assert_eq!(whole.data(), json!({"cart": [7]}));
    }
}

async fn whoever_signs_in_again_has_another_id_and_may_be_somebody_else(site: Site) {
    let mut visitor = Visitor::default();
    let mut seen = Vec::new();
    for user in ["Ada", "Ada", "Bob"] {
        let login = json!({"user": user}).to_string();
        let answer = visitor.call(site.node(0), "POST /api/login", &login).await;
        answer.expect(204);
        assert!(!seen.contains(&visitor.pair()));
        seen.push(visitor.pair());
        let me = visitor.call(site.node(1), "GET /api/me", "").await;
        assert_eq!(me.json(), json!({"user": user}));
    }
    site.assert_rows(1).await;
}

async fn who_is_remembered_has_a_cookie_that_outlives_the_browser(site: Site) {
    for (login, month) in [
        (r#"{"user": "Ada"}"#, false),
        (r#"{"user": "Ada", "remember": true}"#, true),
    ] {
        let answer = send(site.node(0), "POST /api/login", None, login).await;
        let set = answer.set_cookies();
        assert_eq!(set.len(), 1);
        let (stays, age) = (set[0].contains("Max-Age="), "Max-Age=2592000");
        assert_eq!((stays, set[0].contains(age)), (month, month), "{set:?}");
        let pair = answer.cookie().unwrap();
        let whole = send(site.node(1), "GET /api/session", Some(&pair), "").await;
        let left = whole.json()["expires_in"].as_u64().unwrap();
        assert_eq!(left > 86_400, month, "{left}");
    }
}

on_each_store!(&[];
    a_user_is_known_on_every_node_until_the_logout,
    a_login_that_fails_leaves_the_visitor_as_it_was,
    whoever_signs_in_again_has_another_id_and_may_be_somebody_else,
    who_is_remembered_has_a_cookie_that_outlives_the_browser,
);
