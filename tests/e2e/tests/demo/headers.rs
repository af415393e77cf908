//! What responses say of the session.

use crate::harness::{Site, Visitor, on_each_store_at_hand, send};

const ATTRIBUTES: [&str; 4] = ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"];

fn attributes(set_cookie: &str) -> Vec<&str> {
    let mut attributes: Vec<_> = set_cookie.split("; ").skip(1).collect();
    attributes.sort_unstable();
    attributes
}

async fn the_cookie_has_its_safe_defaults_and_its_removal_has_the_same(site: Site) {
    let mut visitor = Visitor::default();
    let write = visitor
        .call(site.node(0), "PUT /api/session/a", "1")
        .await
        .expect(204);
    let [cookie] = write.set_cookies()[..] else {
        panic!("one cookie: {write:?}");
    };
    let token = visitor.pair();
    let token = token.strip_prefix("__Host-id=").unwrap();
    assert_eq!(token.len(), 43);
    assert!(
        token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
    assert_eq!(attributes(cookie), ATTRIBUTES);

    let logout = visitor
        .call(site.node(0), "POST /api/logout", "")
        .await
        .expect(204);
    let [removal] = logout.set_cookies()[..] else {
        panic!("one cookie: {logout:?}");
    };
    assert!(removal.starts_with("__Host-id=; "));
    let mut removal = attributes(removal);
    assert!(removal.contains(&"Max-Age=0"));
    removal
        .retain(|attribute| !attribute.starts_with("Max-Age") && !attribute.starts_with("Expires"));
    assert_eq!(removal, ATTRIBUTES);
}

async fn caches_are_told(site: Site) {
    let mut visitor = Visitor::default();
    let anonymous = visitor.call(site.node(0), "GET /api/session", "").await;
    let write = visitor.call(site.node(0), "PUT /api/session/a", "1").await;
    let read = visitor.call(site.node(0), "GET /api/session", "").await;
    let logout = visitor.call(site.node(0), "POST /api/logout", "").await;
    for answer in [&anonymous, &write, &read, &logout] {
        assert_eq!(answer.all("vary"), ["Cookie"], "{answer:?}");
    }
    for answer in [&write, &logout] {
        assert_eq!(answer.all("cache-control"), ["no-store"]);
    }
    assert_eq!(read.set_cookies(), [""; 0]);
}

async fn what_needs_no_session_says_nothing_of_it(site: Site) {
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    for (call, status) in [
        ("GET /healthz", 200),
        ("GET /style.css", 200),
        ("GET /nowhere", 404),
    ] {
        let answer = send(site.node(0), call, Some(&cookie), "")
            .await
            .expect(status);
        assert_eq!(answer.set_cookies(), [""; 0]);
        assert_eq!(answer.all("vary"), [""; 0], "{call}");
    }
    let health = send(site.node(0), "GET /healthz", Some(&cookie), "").await;
    assert_eq!(health.json(), "ok");
}

on_each_store_at_hand!(&["--renew", "every-request"];
    the_cookie_has_its_safe_defaults_and_its_removal_has_the_same,
    caches_are_told,
    what_needs_no_session_says_nothing_of_it,
);
