//! Several cookies at once: the visitor's own among planted, broken and foreign ones.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::harness::{Answer, Site, Visitor, on_each_store_at_hand, send_headers};

async fn read(site: &Site, headers: &[&str]) -> Answer {
    let lines: Vec<_> = headers
        .iter()
        .map(|cookies| format!("Cookie: {cookies}"))
        .collect();
    let lines: Vec<_> = lines.iter().map(String::as_bytes).collect();
    send_headers(site.node(1), "GET /api/session", &lines, "")
        .await
        .unwrap()
}

/// Every order of the pairs, in one header and in one for each.
async fn in_all_orders(site: &Site, pairs: [&str; 2]) -> Vec<Answer> {
    let [first, second] = pairs;
    let together = [format!("{first}; {second}"), format!("{second}; {first}")];
    vec![
        read(site, &[&together[0]]).await,
        read(site, &[&together[1]]).await,
        read(site, &[first, second]).await,
        read(site, &[second, first]).await,
    ]
}

async fn two_well_formed_cookies_are_none_in_every_order(site: Site) {
    let own = Visitor::with(site.node(0), "a", "\"own\"").await.pair();
    let planted = Visitor::with(site.node(0), "a", "\"planted\"").await.pair();
    let unknown = format!("__Host-id={}", URL_SAFE_NO_PAD.encode([7; 32]));
    for other in [&planted, &unknown] {
        for answer in in_all_orders(&site, [&own, other]).await {
            assert!(answer.is_anonymous());
        }
    }
    // What is written with both goes into neither.
    let both = format!("Cookie: {planted}; {own}");
    let lines = [both.as_bytes()];
    let write = send_headers(site.node(0), "PUT /api/session/a", &lines, "\"new\"");
    let given = write.await.unwrap().cookie().expect("a session of its own");
    assert!(given != own && given != planted);
    assert_eq!(read(&site, &[&own]).await.data()["a"], "own");
    assert_eq!(read(&site, &[&planted]).await.data()["a"], "planted");
    site.assert_rows(3).await;
}

async fn what_cannot_be_a_session_does_not_hide_one(site: Site) {
    let own = Visitor::with(site.node(0), "a", "1").await.pair();
    let long = format!("__Host-id={}", "A".repeat(300));
    for other in [
        own.as_str(),
        "__Host-id=",
        "__Host-id=attacker",
        "__Host-id",
        "__host-id=x",
        "a=b",
        &long,
    ] {
        for answer in in_all_orders(&site, [&own, other]).await {
            assert_eq!(answer.data()["a"], 1, "{other}");
        }
    }
}

async fn a_neighbour_that_is_not_text_does_no_harm(site: Site) {
    let own = Visitor::with(site.node(0), "a", "1").await.pair();
    let header =
        |before: &[u8], after: &[u8]| [b"Cookie: ", before, own.as_bytes(), after].concat();
    for line in [
        header(b"x=\xff\xfe; ", b""),
        header(b"", b"; \xc3\x28=\x80"),
        header(b"\xff;", b""),
    ] {
        let answer = send_headers(site.node(1), "GET /api/session", &[&line], "")
            .await
            .unwrap();
        assert_eq!(answer.data()["a"], 1);
    }
}

on_each_store_at_hand!(&[];
    two_well_formed_cookies_are_none_in_every_order,
    what_cannot_be_a_session_does_not_hide_one,
    a_neighbour_that_is_not_text_does_no_harm,
);
