//! The session's ID is the client's alone, and the store's password the demo's: neither is in a log,
//! and no ID is in the store.

use std::fs;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use session_core::StoreKey;
use session_test_servers::{Cluster, Kind, Server};

use crate::harness::{Keys, OwnDatabase, Site, Store, Visitor, id_bytes, on_each_database, send};

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle)
}

/// How a log or a dump might show the ID of a cookie pair: as the client has it, and its bytes raw, in
/// hexadecimal digits and as a list.
fn forms(cookie: &str) -> [Vec<u8>; 4] {
    let (_, text) = cookie.split_once('=').unwrap();
    let bytes = id_bytes(cookie);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let list = format!("{bytes:?}").into_bytes();
    [text.into(), bytes, hex.into(), list]
}

/// The files of the site, the logs among them, and what is in the rows of its store.
async fn everything(site: &Site) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![(
        "the rows".to_owned(),
        site.database().await.unwrap().dump().await,
    )];
    for entry in fs::read_dir(site.folder()).unwrap() {
        let path = entry.unwrap().path();
        all.push((path.display().to_string(), fs::read(&path).unwrap()));
    }
    all
}

async fn the_id_is_neither_in_the_log_nor_in_the_store(store: Store) {
    let Some(site) = Site::logging(store, "trace", &["--renew", "every-request"]) else {
        return;
    };
    let mut visitor = Visitor::with(site.node(0), "a", "\"a value to be found\"").await;
    let first = visitor.pair();
    for (node, call, status) in [
        (1, "GET /api/session", 200),
        (0, "POST /api/cycle", 204),
        (1, "POST /api/session/n/increment", 200),
        (1, "PUT /api/session/b?then=500", 500),
    ] {
        let answer = visitor.call(site.node(node), call, "1").await;
        answer.expect(status);
    }
    let second = visitor.pair();
    // What goes wrong is logged: the record that cannot be read, the two cookies.
    let damaged = Visitor::with(site.node(0), "a", "1").await.pair();
    let mut database = site.database().await.unwrap();
    database.overwrite(&damaged, b"garbage").await;
    let both = format!("{first}; {second}");
    for cookie in [&damaged, &both] {
        let read = send(site.node(0), "GET /api/session", Some(cookie), "").await;
        read.expect(200);
    }

    let all = everything(&site).await;
    for (place, bytes) in &all {
        for cookie in [&first, &second, &damaged] {
            for (number, form) in forms(cookie).iter().enumerate() {
                assert!(!holds(bytes, form), "form {number} in {place}");
            }
        }
    }
    assert!(
        holds(&all[0].1, b"a value to be found"),
        "the session is there"
    );
    // The rows and two logs; a file has its write-ahead log beside it.
    let places = if store == Store::Sqlite { 5 } else { 3 };
    assert!(all.len() >= places);
    let log = site.nodes[0].log();
    assert!(
        holds(&log, b"stored session cannot be read"),
        "the log was on"
    );
    assert!(!holds(&log, b"a value to be found"), "data in the log");
}

#[tokio::test]
async fn the_id_is_neither_in_the_log_nor_in_the_file() {
    the_id_is_neither_in_the_log_nor_in_the_store(Store::Sqlite).await;
}

#[tokio::test]
async fn the_id_is_neither_in_the_log_nor_in_postgres() {
    the_id_is_neither_in_the_log_nor_in_the_store(Store::Postgres).await;
}

#[tokio::test]
async fn the_id_is_neither_in_the_log_nor_in_mariadb() {
    the_id_is_neither_in_the_log_nor_in_the_store(Store::MariaDb).await;
}

#[tokio::test]
async fn the_id_is_neither_in_the_log_nor_in_redis() {
    the_id_is_neither_in_the_log_nor_in_the_store(Store::Redis).await;
    the_id_is_neither_in_the_log_nor_in_the_store(Store::RedisNear).await;
}

#[tokio::test]
async fn the_id_is_neither_in_the_log_nor_in_a_cluster() {
    the_id_is_neither_in_the_log_nor_in_the_store(Store::RedisCluster).await;
}

#[tokio::test]
async fn the_password_of_a_server_is_neither_in_the_log_nor_is_its_user() {
    for kind in [Kind::Postgres, Kind::MariaDb] {
        let Some(own) = OwnDatabase::with_user(kind, "a-password-to-hide") else {
            continue;
        };
        let site = Site::at(&own.url(), "trace", &[]);
        let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
        let read = send(site.node(1), "GET /api/session", Some(&cookie), "").await;
        assert_eq!(read.data()["a"], 1);
        for node in &site.nodes {
            let log = node.log();
            assert!(holds(&log, b"SELECT"), "the log was on");
            assert!(!holds(&log, b"a-password-to-hide"), "{kind:?}");
            assert!(!holds(&log, own.name().as_bytes()), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn the_password_of_redis_is_neither_in_the_log_nor_is_its_user() {
    let server = Server::start(Kind::Redis);
    let cluster = Cluster::start();
    let urls = [
        server.as_ref().map(Server::url),
        cluster.as_ref().map(Cluster::url),
    ];
    for url in urls.into_iter().flatten() {
        let (user, password) = ("a-user-to-hide", "a-password-to-hide");
        let mut keys = Keys::open(&url).await;
        keys.add_user(user, password, "+@all").await;
        let url = url.replace("//", &format!("//{user}:{password}@"));
        let site = Site::at(&url, "trace", &["--near-cache"]);
        let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
        let read = send(site.node(1), "GET /api/session", Some(&cookie), "").await;
        assert_eq!(read.data()["a"], 1);
        keys.stop().await;
        send(site.node(0), "POST /api/cycle", Some(&cookie), "")
            .await
            .expect(503);
        assert!(holds(&site.nodes[0].log(), b"unavailable"), "the log is on");
        for node in &site.nodes {
            let log = node.log();
            assert!(!holds(&log, password.as_bytes()), "{url}");
            assert!(!holds(&log, user.as_bytes()), "{url}");
        }
    }
}

async fn what_the_store_keeps_is_no_cookie(site: Site) {
    let cookie = Visitor::with(site.node(0), "a", "1").await.pair();
    let key = StoreKey::digest(&id_bytes(&cookie));
    for row in site.database().await.unwrap().rows().await {
        assert_eq!(row.0, key.as_bytes());
        let stolen = format!("__Host-id={}", URL_SAFE_NO_PAD.encode(&row.0));
        let read = send(site.node(1), "GET /api/session", Some(&stolen), "").await;
        assert!(read.is_anonymous());
    }
}

on_each_database!(&[]; what_the_store_keeps_is_no_cookie);
