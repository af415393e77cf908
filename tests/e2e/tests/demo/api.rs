//! The JSON API: what each call answers, and every error in the one form.

use serde_json::json;

use crate::harness::{Site, Visitor, on_each_server, on_each_store_at_hand, send};

async fn values_come_back_as_they_went_in(site: Site) {
    let mut visitor = Visitor::default();
    for value in [
        json!(null),
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(1.5),
        json!("\u{1f980} \"quoted\" \u{0}"),
        json!([1, [2, {"three": [null]}]]),
        json!({"a": {"b": {"c": "d"}}, "": 0}),
        json!("x".repeat(1024 * 1024)),
    ] {
        visitor
            .call(site.node(0), "PUT /api/session/v", &value.to_string())
            .await
            .expect(204);
        let read = visitor
            .call(site.node(1), "GET /api/session/v", "")
            .await
            .expect(200);
        assert_eq!(read.json(), value);
    }
    visitor
        .call(site.node(0), "DELETE /api/session/v", "")
        .await
        .expect(204);
    visitor
        .call(site.node(1), "GET /api/session/v", "")
        .await
        .expect(404);
    visitor
        .call(site.node(1), "DELETE /api/session/v", "")
        .await
        .expect(204);
}

async fn the_session_as_a_whole_is_told(site: Site) {
    let mut visitor = Visitor::default();
    let empty = visitor
        .call(site.node(0), "GET /api/session", "")
        .await
        .expect(200);
    let nothing = json!({"is_new": true, "user": null, "data": {}, "expires_in": null});
    assert_eq!(empty.json(), nothing);
    visitor
        .call(site.node(0), "PUT /api/session/a", "1")
        .await
        .expect(204);
    visitor
        .call(site.node(0), "PUT /api/session/b", "2")
        .await
        .expect(204);
    let whole = visitor
        .call(site.node(1), "GET /api/session", "")
        .await
        .expect(200);
    let day = 24 * 60 * 60;
    let all = json!({"is_new": false, "user": null, "data": {"a": 1, "b": 2}, "expires_in": day});
    assert_eq!(whole.json(), all);
    let clear = visitor
        .call(site.node(1), "POST /api/session/clear", "")
        .await
        .expect(204);
    assert!(clear.removes_cookie());
    assert_eq!(
        visitor
            .call(site.node(0), "GET /api/session", "")
            .await
            .json(),
        nothing
    );
    site.assert_living(0).await;
}

async fn only_numbers_can_be_incremented(site: Site) {
    let mut visitor = Visitor::default();
    let call = "POST /api/session/n/increment";
    assert_eq!(
        visitor
            .call(site.node(0), call, "")
            .await
            .expect(200)
            .json(),
        1
    );
    for (from, to) in [
        ("41", json!(42)),
        ("-1", json!(0)),
        ("0.5", json!(1.5)),
        ("9223372036854775807", json!(9_223_372_036_854_775_808_u64)),
    ] {
        visitor
            .call(site.node(0), "PUT /api/session/n", from)
            .await
            .expect(204);
        assert_eq!(
            visitor
                .call(site.node(1), call, "")
                .await
                .expect(200)
                .json(),
            to
        );
    }
    for other in ["\"1\"", "null", "[1]", "18446744073709551615"] {
        visitor
            .call(site.node(0), "PUT /api/session/n", other)
            .await
            .expect(204);
        visitor.call(site.node(1), call, "").await.expect(409);
        let kept = visitor.call(site.node(0), "GET /api/session/n", "").await;
        assert_eq!(kept.text(), other);
    }
}

async fn every_error_is_json_with_one_sentence(site: Site) {
    let large = "1".repeat(3 * 1024 * 1024);
    for (call, body, status) in [
        ("GET /nowhere", "", 404),
        ("GET /api/nowhere", "", 404),
        ("GET /api/session/absent", "", 404),
        ("PATCH /api/session", "", 405),
        ("DELETE /healthz", "", 405),
        ("PUT /api/session/a", "{not json", 400),
        ("PUT /api/session/a", "", 400),
        ("PUT /api/session/_session", "1", 400),
        ("PUT /api/session/%ff", "1", 400),
        ("PUT /api/session/a", &large, 413),
        ("GET /api/session?hold_ms=10001", "", 400),
        ("GET /api/session?hold_ms=-1", "", 400),
        ("GET /api/session?hold_ms=soon", "", 400),
        ("PUT /api/session/a?then=later", "1", 400),
        ("PUT /api/session/a?then=99", "1", 400),
        ("PUT /api/session/a?then=418", "1", 418),
        ("PUT /api/session/a?then=500", "1", 500),
        ("PUT /api/session/a?then=panic", "1", 500),
        ("POST /cart/add", "nothing=here", 422),
        ("POST /api/login", "{\"user\":1}", 400),
        ("POST /api/login", "{\"user\":\" \"}", 400),
        ("POST /api/login?then=500", "{\"user\":\"ada\"}", 500),
        ("GET /api/me", "", 401),
        ("GET /api/devices", "", 401),
        ("DELETE /api/devices/x", "", 401),
        ("POST /api/devices/revoke-others", "", 401),
    ] {
        let answer = send(site.node(0), call, None, body).await.expect(status);
        assert_eq!(answer.all("content-type"), ["application/json"], "{call}");
        let json = answer.json();
        let sentence = json["error"].as_str().unwrap();
        assert!(
            sentence.ends_with('.') && !sentence.contains('\n'),
            "{sentence}"
        );
        assert_eq!(json.as_object().unwrap().len(), 1);
    }
    let refused = send(site.node(0), "PATCH /api/session", None, "").await;
    assert_eq!(refused.all("allow"), ["GET,HEAD"]);
}

on_each_store_at_hand!(&[];
    values_come_back_as_they_went_in,
    the_session_as_a_whole_is_told,
    only_numbers_can_be_incremented,
    every_error_is_json_with_one_sentence,
);

/// What a database may cut short, round or refuse.
mod server {
    use super::{on_each_server, the_session_as_a_whole_is_told, values_come_back_as_they_went_in};

    on_each_server!(&[];
        values_come_back_as_they_went_in,
        the_session_as_a_whole_is_told,
    );
}
