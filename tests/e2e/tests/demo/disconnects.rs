//! Clients that go away before they have their answer.

use std::time::Duration;

use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::sleep};

use crate::harness::{Site, Visitor, begin, on_each_near_cache, on_each_store, send};

const VISITS: u64 = 20;

/// Long enough for a request that was cut off to come to its end on the server.
const SETTLED: Duration = Duration::from_millis(100);

async fn a_rotation_cut_off_leaves_one_session_with_its_data(site: Site) {
    let mut visits = Vec::new();
    for n in 0..VISITS {
        let marker = format!("marker-{n:02}-");
        let visitor = Visitor::with(site.node(0), "m", &format!("{marker:?}")).await;
        let cookie = visitor.pair();
        let node = site.node(usize::try_from(n).unwrap());
        let mut stream = TcpStream::connect(node).await.unwrap();
        let request = format!(
            "POST /api/cycle?hold_ms=5 HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\
             Content-Length: 0\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        // From before the handler goes on until after its commit.
        sleep(Duration::from_micros(n * 800)).await;
        drop(stream);
        visits.push((cookie, marker));
    }
    sleep(SETTLED).await;
    let mut database = site.database().await;
    for (old, marker) in &visits {
        let read = send(site.node(1), "GET /api/session", Some(old), "").await;
        if !read.is_anonymous() {
            assert_eq!(read.data()["m"], marker.as_str());
        }
        if let Some(database) = &mut database {
            let holds = |data: &[u8]| {
                data.windows(marker.len())
                    .any(|part| part == marker.as_bytes())
            };
            let rows = database.rows().await;
            assert_eq!(
                rows.iter().filter(|(_, data)| holds(data)).count(),
                1,
                "{marker}"
            );
            // The old ID is dead only if the data lives on under a new one.
            let kept = database.data_of(old).await.is_some_and(|data| holds(&data));
            assert_eq!(kept, !read.is_anonymous());
        }
    }
    site.assert_rows(visits.len()).await;
}

/// The end of the connection comes right behind the request, so it has mostly arrived when the
/// handler is done. Where it is late, the rotation has happened.
async fn a_rotation_whose_client_has_left_does_not_happen(site: Site) {
    let mut kept = 0;
    for _ in 0..VISITS {
        let visitor = Visitor::with(site.node(0), "m", "1").await;
        let cookie = visitor.pair();
        let mut stream = TcpStream::connect(site.node(0)).await.unwrap();
        let request = format!(
            "POST /api/cycle HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\
             Content-Length: 0\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        drop(stream);
        sleep(Duration::from_millis(10)).await;
        let read = send(site.node(1), "GET /api/session", Some(&cookie), "").await;
        kept += u64::from(read.data()["m"] == 1);
    }
    assert!(kept > VISITS / 2, "{kept} of {VISITS}");
    site.assert_rows(usize::try_from(VISITS).unwrap()).await;
}

async fn a_write_cut_off_happened_whole_or_not_at_all(site: Site) {
    for n in 0..VISITS {
        let mut visitor = Visitor::with(site.node(0), "a", "1").await;
        let node = site.node(usize::try_from(n).unwrap());
        let call = "PUT /api/session/b?hold_ms=5";
        let held = begin(node, call, &visitor.pair(), "[1,2,3]").await;
        held.finish_and_leave(Duration::from_micros(n * 700)).await;
        sleep(Duration::from_millis(20)).await;
        let first = visitor
            .call(site.node(0), "GET /api/session", "")
            .await
            .data();
        let second = visitor
            .call(site.node(1), "GET /api/session", "")
            .await
            .data();
        assert_eq!(first, second);
        assert_eq!(first["a"], 1);
        assert!(
            first["b"].is_null() || first["b"] == serde_json::json!([1, 2, 3]),
            "{first}"
        );
    }
}

async fn a_logout_after_a_request_cut_off_still_ends_the_session(site: Site) {
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    let old = visitor.pair();
    let held = begin(site.node(0), "PUT /api/session/b?hold_ms=30", &old, "1").await;
    held.finish_and_leave(Duration::ZERO).await;
    visitor
        .call(site.node(0), "POST /api/logout", "")
        .await
        .expect(204);
    sleep(SETTLED).await;
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
    a_rotation_cut_off_leaves_one_session_with_its_data,
    a_rotation_whose_client_has_left_does_not_happen,
    a_write_cut_off_happened_whole_or_not_at_all,
    a_logout_after_a_request_cut_off_still_ends_the_session,
);

on_each_near_cache!(&[];
    a_rotation_cut_off_leaves_one_session_with_its_data,
    a_rotation_whose_client_has_left_does_not_happen,
    a_write_cut_off_happened_whole_or_not_at_all,
    a_logout_after_a_request_cut_off_still_ends_the_session,
);
