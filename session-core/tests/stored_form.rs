//! What is stored is a plain map that any other language can read.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use session_core::{Format, RESERVED_KEY};

use crate::support::{SpyStore, Visitor, backend, built};

/// The stored bytes of a session with some of everything.
async fn stored(format: Format) -> Vec<u8> {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.format(format));
    let session = backend.load(None).await.unwrap();
    session.insert("name", "Ada \"Countess\" ✓").unwrap();
    session.insert("n", &-7_i64).unwrap();
    session
        .insert("cart", &json!([{"sku": 1, "tags": []}]))
        .unwrap();
    session.insert("none", &None::<u8>).unwrap();
    session.insert("q\"\n", &true).unwrap();
    session.set_persistent(Some(true));
    backend.store(&session).await.unwrap();
    store.only_bytes()
}

fn expected() -> Value {
    json!({
        "name": "Ada \"Countess\" ✓",
        "n": -7,
        "cart": [{"sku": 1, "tags": []}],
        "none": null,
        "q\"\n": true,
        RESERVED_KEY: {"persistent": true},
    })
}

#[tokio::test]
async fn messagepack_is_a_plain_map() {
    let bytes = stored(Format::MessagePack).await;
    let map: BTreeMap<String, Value> = rmp_serde::from_slice(&bytes).unwrap();
    assert_eq!(json!(map), expected());
}

#[tokio::test]
async fn json_is_a_plain_object() {
    let bytes = stored(Format::Json).await;
    assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), expected());
}

#[tokio::test]
async fn what_another_program_wrote_is_read_and_kept() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder);
    let id = backend.generate_session_id().unwrap();
    let written = br#" {"n": 1, "their own": {"a": [1.5, null]}} "#;
    backend.set(&id, written.trim_ascii()).await.unwrap();
    let token = id.to_text();
    let session = backend.load(Some(token.as_bytes())).await.unwrap();
    assert_eq!(session.get::<u8>("n").unwrap(), Some(1));
    session.insert("n", &2).unwrap();
    backend.store(&session).await.unwrap();
    let map: BTreeMap<String, Value> = rmp_serde::from_slice(&store.only_bytes()).unwrap();
    assert_eq!(json!(map), json!({"n": 2, "their own": {"a": [1.5, null]}}));
}

#[tokio::test]
async fn the_lifetime_of_its_own_is_milliseconds_under_the_reserved_key() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.format(Format::Json));
    let session = backend.load(None).await.unwrap();
    session.insert("n", &1).unwrap();
    let lifetime = session_core::Lifetime::new(
        Some(std::time::Duration::from_secs(60)),
        Some(std::time::Duration::from_secs(3600)),
    );
    session.set_lifetime(Some(lifetime.unwrap()));
    backend.store(&session).await.unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&store.only_bytes()).unwrap()[RESERVED_KEY],
        json!({"idle": 60_000, "absolute": 3_600_000})
    );
}

#[tokio::test]
async fn a_key_that_someone_else_stored_twice_is_replaced_whole() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    // {"a": 1, "a": 2, "b": 3}
    let twice = [0x83, 0xa1, b'a', 0x01, 0xa1, b'a', 0x02, 0xa1, b'b', 0x03];
    store.overwrite(&visitor.key, &twice);
    visitor.put(&backend, "a", 4).await;
    let stored: BTreeMap<String, i32> = rmp_serde::from_slice(&store.only_bytes()).unwrap();
    assert_eq!(stored, [("a".into(), 4), ("b".into(), 3)].into());
}
