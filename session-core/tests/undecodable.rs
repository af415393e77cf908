//! Stored bytes that cannot be read: a clean start, and never an eternal error.

use session_core::{StoreErrorKind, Undecodable};

use crate::support::{
    Fault, SpyStore, Visitor, assert_keep, assert_remove, backend, built, captured, lost,
    set_token, value,
};

/// What may be found in a database, and is no session.
fn spoiled(good: &[u8]) -> Vec<Vec<u8>> {
    vec![
        Vec::new(),
        b"garbage".to_vec(),
        vec![0; 64],
        vec![0xff; 64],
        good[..good.len() - 1].to_vec(),
        good[..good.len() / 2].to_vec(),
        [good, b"x"].concat(),
        b"null".to_vec(),
        b"[1]".to_vec(),
        b"{\"n\":".to_vec(),
        // Sealed, or of a version to come.
        vec![0xc1, 1, 2, 3],
        vec![0xc1, 99],
        // A map that says it has 2³² - 1 entries.
        vec![0xdf, 0xff, 0xff, 0xff, 0xff],
        // A key that is no text.
        vec![0x81, 0x01, 0x02],
        vec![0x81, 0xa2, 0xff, 0xfe, 0x01],
    ]
}

#[tokio::test]
async fn it_is_absent_counted_and_left_alone() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let good = {
        Visitor::new(&store, &backend).await;
        store.only_bytes()
    };
    for (n, bad) in (1..).zip(spoiled(&good)) {
        let visitor = Visitor::new(&store, &backend).await;
        store.overwrite(&visitor.key, &bad);
        let session = visitor.request(&backend).await;
        assert!(session.is_new() && session.is_empty(), "{bad:?}");
        assert_eq!(backend.counters().undecodable, n);
        assert_keep(&backend.store(&session).await.unwrap());
        assert_eq!(store.calls(), ["get"]);
        assert_eq!(store.bytes(&visitor.key).unwrap(), bad);
    }
}

#[tokio::test]
async fn a_write_and_a_login_go_to_a_new_id() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    store.overwrite(&visitor.key, b"garbage");
    let session = visitor.request(&backend).await;
    session.insert("user", "ada").unwrap();
    session.cycle_id();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["get", "set"]);
    assert_ne!(token.text(), visitor.token);
    assert_eq!(store.bytes(&visitor.key).unwrap(), b"garbage");
    assert_eq!(store.len(), 2);
}

#[tokio::test]
async fn it_can_be_destroyed() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    store.overwrite(&visitor.key, b"garbage");
    let session = visitor.request(&backend).await;
    session.destroy();
    assert_remove(&backend.store(&session).await.unwrap());
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn error_makes_it_an_error_and_changes_nothing() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.undecodable(Undecodable::Error));
    let visitor = Visitor::new(&store, &backend).await;
    store.overwrite(&visitor.key, b"garbage");
    let loaded = backend.load(Some(visitor.token.as_bytes())).await;
    assert_eq!(lost(loaded), StoreErrorKind::Corrupt);
    assert_eq!(backend.counters().undecodable, 1);
    assert_eq!(store.only_bytes(), b"garbage");
}

#[tokio::test]
async fn what_the_store_itself_calls_corrupt_is_undecodable() {
    let store = SpyStore::default();
    let visitor = Visitor::new(&store, &backend(&store)).await;
    for policy in [Undecodable::Absent, Undecodable::Error] {
        let backend = built(&store, |builder| builder.undecodable(policy));
        store.next("get", Fault::Fail(StoreErrorKind::Corrupt));
        let loaded = backend.load(Some(visitor.token.as_bytes())).await;
        assert_eq!(loaded.is_ok(), policy == Undecodable::Absent);
        assert_eq!(backend.counters().undecodable, 1);
    }
}

#[tokio::test]
async fn a_record_over_the_limit_is_not_read() {
    let store = SpyStore::default();
    let visitor = Visitor::new(&store, &backend(&store)).await;
    let backend = built(&store, |builder| builder.max_bytes(1000));
    let mut large = b"{\"n\":\"".to_vec();
    large.resize(100_000, b'x');
    large.extend(b"\"}");
    store.overwrite(&visitor.key, &large);
    assert!(visitor.request(&backend).await.is_new());
    assert_eq!(backend.counters().undecodable, 1);
}

#[tokio::test]
async fn a_value_that_no_type_fits_spoils_only_itself() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    // An extension type, which no value of this library is.
    store.overwrite(&visitor.key, b"\x82\xa1n\x05\xa1x\xd4\x01\x02");
    let session = visitor.request(&backend).await;
    assert_eq!(value(&session, "n"), Some(5));
    assert!(session.get::<i32>("x").is_err());
    session.remove("x");
    backend.store(&session).await.unwrap();
    assert_eq!(store.only_bytes(), b"\x81\xa1n\x05");
}

#[tokio::test]
async fn it_is_logged_by_key_without_id_or_data() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    store.overwrite(&visitor.key, b"{\"pin\":\"very secret\"");
    let log = captured(async {
        assert!(visitor.request(&backend).await.is_new());
    })
    .await;
    assert!(log.contains(&visitor.key.to_string()), "{log}");
    assert!(!log.contains(&visitor.token) && !log.contains("secret"));
}
