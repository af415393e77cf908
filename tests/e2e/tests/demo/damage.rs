//! Bytes in the store that are no session.

use session_core::StoreKey;

use crate::harness::{
    Database, Site, Visitor, id_bytes, on_each_database, on_each_near_cache, on_store, send,
};

/// What may be there after an accident, or from a version to come.
const DAMAGED: [&[u8]; 8] = [
    b"",
    b"garbage",
    b"\x81\xa1",
    b"\x81\xa1a\xdf\xff\xff\xff\xff",
    b"\xc1\x00\x01 a format to come",
    b"{\"a\": 1",
    b"[1, 2, 3]",
    &[0xff; 4096],
];

async fn a_damaged_record_is_anonymous_and_the_next_write_works(site: Site) {
    let mut database = site.database().await.unwrap();
    for damaged in DAMAGED {
        let old = Visitor::with(site.node(0), "a", "1").await.pair();
        database.overwrite(&old, damaged).await;
        for node in 0..2 {
            let read = send(site.node(node), "GET /api/session", Some(&old), "").await;
            assert!(read.is_anonymous(), "{read:?}");
        }
        let mut visitor = Visitor {
            cookie: Some(old.clone()),
        };
        visitor
            .call(site.node(0), "PUT /api/session/b", "2")
            .await
            .expect(204);
        assert_ne!(visitor.pair(), old);
        let data = visitor
            .call(site.node(1), "GET /api/session", "")
            .await
            .data();
        assert_eq!(data, serde_json::json!({"b": 2}));
    }
}

async fn a_damaged_record_can_be_logged_out_of(site: Site) {
    let mut database = site.database().await.unwrap();
    for damaged in DAMAGED {
        let old = Visitor::with(site.node(0), "a", "1").await.pair();
        database.overwrite(&old, damaged).await;
        let logout = send(site.node(1), "POST /api/logout", Some(&old), "")
            .await
            .expect(204);
        assert!(logout.removes_cookie());
        assert!(database.data_of(&old).await.is_none());
    }
    site.assert_rows(0).await;
}

async fn json_that_another_program_wrote_is_a_session(site: Site) {
    let mut database = site.database().await.unwrap();
    let mut visitor = Visitor::with(site.node(0), "a", "1").await;
    let json = br#"{"a": 2, "from": "elsewhere"}"#;
    database.overwrite(&visitor.pair(), json).await;
    let data = visitor
        .call(site.node(1), "GET /api/session", "")
        .await
        .data();
    assert_eq!(data, serde_json::json!({"a": 2, "from": "elsewhere"}));
}

/// Redis has no columns to keep a record's parts apart.
async fn a_value_that_is_no_record_is_anonymous_and_the_next_write_works(site: Site) {
    let Some(Database::Redis(mut keys)) = site.database().await else {
        panic!("it is Redis");
    };
    for damaged in DAMAGED {
        let old = Visitor::with(site.node(0), "a", "1").await.pair();
        let key = StoreKey::digest(&id_bytes(&old));
        keys.put(key.as_bytes(), damaged).await;
        for node in 0..2 {
            let read = send(site.node(node), "GET /api/session", Some(&old), "").await;
            assert!(read.is_anonymous(), "{read:?}");
        }
        let write = send(site.node(0), "PUT /api/session/b", Some(&old), "2").await;
        assert_ne!(write.cookie().expect("a session of its own"), old);
        let logout = send(site.node(1), "POST /api/logout", Some(&old), "").await;
        logout.expect(204);
        let read = send(site.node(0), "GET /api/session", Some(&old), "").await;
        assert!(read.is_anonymous(), "{read:?}");
    }
}

on_store!(redis, Redis, &[]; a_value_that_is_no_record_is_anonymous_and_the_next_write_works);
on_store!(cluster, RedisCluster, &[]; a_value_that_is_no_record_is_anonymous_and_the_next_write_works);

on_each_database!(&[];
    a_damaged_record_is_anonymous_and_the_next_write_works,
    a_damaged_record_can_be_logged_out_of,
    json_that_another_program_wrote_is_a_session,
);

on_each_near_cache!(&[];
    a_damaged_record_is_anonymous_and_the_next_write_works,
    a_damaged_record_can_be_logged_out_of,
    json_that_another_program_wrote_is_a_session,
);
