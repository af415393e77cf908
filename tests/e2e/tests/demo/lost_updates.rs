//! Requests of one visitor at the same time: none loses another's change. `SESSION_TEST_REPEAT` says
//! how often this is tried.

use futures_util::future::join_all;

use crate::harness::{Answer, Site, Visitor, on_each_near_cache, on_each_store, repeats, send};

const MANY: usize = 64;

async fn parallel_writes_of_distinct_keys_all_survive(site: Site) {
    for round in 1..=repeats() {
        write_distinct_keys_at_once(&site).await;
        site.assert_rows(round).await;
    }
}

async fn write_distinct_keys_at_once(site: &Site) {
    let visitor = Visitor::with(site.node(0), "first", "true").await;
    let cookie = visitor.pair();
    let writes = (0..MANY).map(async |n| {
        let call = format!("PUT /api/session/k{n}?hold_ms=20");
        send(site.node(n), &call, Some(&cookie), &n.to_string()).await
    });
    for answer in join_all(writes).await {
        let answer = answer.expect(204);
        assert_eq!(answer.cookie(), None);
    }
    let has_all = |answer: &Answer| {
        let data = answer.data();
        data["first"] == true && (0..MANY).all(|n| data[format!("k{n}")] == n)
    };
    site.sees(1, "GET /api/session", &cookie, has_all).await;
}

async fn parallel_increments_each_count(site: Site) {
    for round in 1..=repeats() {
        increment_at_once(&site).await;
        site.assert_rows(round).await;
    }
}

async fn increment_at_once(site: &Site) {
    let visitor = Visitor::with(site.node(0), "n", "0").await;
    let cookie = visitor.pair();
    let increments = (0..MANY).map(async |n| {
        let call = "POST /api/session/n/increment?hold_ms=20";
        send(site.node(n), call, Some(&cookie), "")
            .await
            .expect(200)
    });
    let answers = join_all(increments).await;
    let mut seen: Vec<_> = answers
        .iter()
        .map(|answer| answer.json().as_u64().unwrap())
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=MANY as u64).collect::<Vec<_>>());
    let is_all = |answer: &Answer| answer.json() == MANY;
    site.sees(1, "GET /api/session/n", &cookie, is_all).await;
}

async fn a_write_is_seen_by_the_next_request_anywhere(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "n", "0").await;
    for n in 1..20 {
        visitor
            .call(site.node(n), "PUT /api/session/n", &n.to_string())
            .await
            .expect(204);
        let is_new = |answer: &Answer| answer.json() == n;
        let cookie = visitor.pair();
        site.sees(n + 1, "GET /api/session/n", &cookie, is_new)
            .await;
    }
}

on_each_store!(&[];
    parallel_writes_of_distinct_keys_all_survive,
    parallel_increments_each_count,
    a_write_is_seen_by_the_next_request_anywhere,
);

on_each_near_cache!(&[];
    parallel_writes_of_distinct_keys_all_survive,
    parallel_increments_each_count,
    a_write_is_seen_by_the_next_request_anywhere,
);
