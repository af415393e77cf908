//! The session's ID is the client's alone: not in the log, not in the file.

use std::fs;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use session_core::StoreKey;

use crate::harness::{Site, Visitor, id_bytes, send};

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle)
}

#[tokio::test]
async fn the_id_is_neither_in_the_log_nor_in_the_file() {
    let site = Site::sqlite_logging("trace", &["--renew", "every-request"]);
    let mut visitor = Visitor::with(site.node(0), "a", "\"a value to be found\"").await;
    let first = visitor.pair();
    visitor
        .call(site.node(1), "GET /api/session", "")
        .await
        .expect(200);
    visitor
        .call(site.node(0), "POST /api/cycle", "")
        .await
        .expect(204);
    let second = visitor.pair();
    visitor
        .call(site.node(1), "POST /api/session/n/increment", "")
        .await
        .expect(200);
    visitor
        .call(site.node(1), "PUT /api/session/b?then=500", "1")
        .await
        .expect(500);
    // What goes wrong is logged: the record that cannot be read, the two cookies.
    let damaged = Visitor::with(site.node(0), "a", "1").await.pair();
    site.database()
        .await
        .unwrap()
        .overwrite(&damaged, b"garbage")
        .await;
    send(site.node(0), "GET /api/session", Some(&damaged), "")
        .await
        .expect(200);
    let both = format!("{first}; {second}");
    send(site.node(0), "GET /api/session", Some(&both), "")
        .await
        .expect(200);

    let mut files = 0;
    let mut found_value = false;
    for entry in fs::read_dir(site.folder()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        files += 1;
        found_value |= holds(&bytes, b"a value to be found");
        for cookie in [&first, &second, &damaged] {
            let (_, text) = cookie.split_once('=').unwrap();
            assert!(
                !holds(&bytes, text.as_bytes()),
                "text in {}",
                path.display()
            );
            assert!(
                !holds(&bytes, &id_bytes(cookie)),
                "bytes in {}",
                path.display()
            );
        }
    }
    // Two logs, and the database with its write-ahead log, in which the session is.
    assert!(files >= 4 && found_value);
    let log = site.nodes[0].log();
    assert!(
        holds(&log, b"stored session cannot be read"),
        "the log was on"
    );
    assert!(!holds(&log, b"a value to be found"), "data in the log");
}

#[tokio::test]
async fn what_the_store_keeps_is_no_cookie() {
    let site = Site::sqlite(&[]);
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    let key = StoreKey::digest(&id_bytes(&cookie));
    for row in site.database().await.unwrap().rows().await {
        assert_eq!(row.0, key.as_bytes());
        let stolen = format!("__Host-id={}", URL_SAFE_NO_PAD.encode(&row.0));
        assert!(
            send(site.node(1), "GET /api/session", Some(&stolen), "")
                .await
                .is_anonymous()
        );
    }
}
