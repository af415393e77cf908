//! Encryption at rest: who reads the database learns nothing, who writes to it forges nothing.

use session_core::{Encryption, ServerSideBackend, StoreErrorKind};

use crate::support::{SpyStore, Visitor, backend, built, lost, value};

fn sealed(store: &SpyStore, key: u8) -> ServerSideBackend {
    let encryption = Encryption::new(&[key; 32]).unwrap();
    built(store, |builder| builder.encryption(encryption))
}

#[tokio::test]
async fn the_stored_bytes_show_neither_names_nor_values() {
    let store = SpyStore::default();
    let backend = sealed(&store, 7);
    let visitor = Visitor::new(&store, &backend).await;
    let bytes = store.only_bytes();
    for secret in ["Ada", "name", "_session"] {
        assert!(
            !bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes())
        );
    }
    assert_eq!(
        visitor.sees::<String>(&backend, "name").await.unwrap(),
        "Ada"
    );
    // Equal contents are sealed differently each time.
    let other = Visitor::new(&store, &backend).await;
    assert_ne!(store.bytes(&other.key).unwrap(), bytes);
}

#[tokio::test]
async fn it_survives_a_write_a_rotation_and_a_conflict() {
    let store = SpyStore::default();
    let backend = sealed(&store, 7);
    let visitor = Visitor::new(&store, &backend).await;
    let late = visitor.request(&backend).await;
    late.insert("m", &2).unwrap();
    visitor.put(&backend, "n", 1).await;
    late.cycle_id();
    let moved = Visitor::of(&backend, &late).await;
    let session = moved.request(&backend).await;
    assert_eq!(value(&session, "n"), Some(1));
    assert_eq!(value(&session, "m"), Some(2));
}

#[tokio::test]
async fn swapped_records_do_not_open() {
    let store = SpyStore::default();
    let backend = sealed(&store, 7);
    let (one, two) = (
        Visitor::new(&store, &backend).await,
        Visitor::new(&store, &backend).await,
    );
    store.overwrite(&one.key, &store.bytes(&two.key).unwrap());
    assert!(one.request(&backend).await.is_new());
    assert_eq!(backend.counters().undecodable, 1);
    assert_eq!(two.sees(&backend, "n").await, Some(0));
}

#[tokio::test]
async fn a_forged_plain_record_or_another_key_does_not_open() {
    let store = SpyStore::default();
    let (ours, theirs, plain) = (sealed(&store, 7), sealed(&store, 9), backend(&store));
    for forger in [&theirs, &plain] {
        let visitor = Visitor::new(&store, forger).await;
        assert!(visitor.request(&ours).await.is_new());
        let id = session_core::SessionId::parse(
            visitor.token.as_bytes(),
            session_core::IdLength::default(),
        );
        let raw = ours.get(&id.unwrap()).await;
        assert_eq!(raw.unwrap_err().kind(), StoreErrorKind::Corrupt);
    }
    let visitor = Visitor::new(&store, &ours).await;
    assert!(visitor.request(&plain).await.is_new());
}

#[tokio::test]
async fn keys_can_be_rotated_and_encryption_begun_while_sessions_live() {
    let store = SpyStore::default();
    let (plain, old) = (backend(&store), sealed(&store, 9));
    let encryption = Encryption::new(&[7; 32])
        .and_then(|new| new.also_opens(&[9; 32]))
        .unwrap()
        .also_reads_plaintext();
    let moving = built(&store, |builder| builder.encryption(encryption));
    let new = sealed(&store, 7);
    for before in [&plain, &old] {
        let visitor = Visitor::new(&store, before).await;
        assert_eq!(visitor.sees(&moving, "n").await, Some(0));
        assert!(visitor.request(&new).await.is_new());
        visitor.put(&moving, "n", 1).await;
        assert_eq!(visitor.sees(&new, "n").await, Some(1));
    }
}

#[tokio::test]
async fn the_raw_operations_seal_and_open() {
    let store = SpyStore::default();
    let backend = sealed(&store, 7);
    let id = backend.generate_session_id().unwrap();
    backend.set(&id, b"{\"pin\":1234}").await.unwrap();
    assert!(!store.only_bytes().windows(3).any(|part| part == b"pin"));
    assert_eq!(backend.get(&id).await.unwrap().unwrap(), "{\"pin\":1234}");
}

#[tokio::test]
async fn the_limit_is_of_the_plain_bytes() {
    let store = SpyStore::default();
    let encryption = Encryption::new(&[7; 32]).unwrap();
    let backend = built(&store, |builder| {
        builder.encryption(encryption).max_bytes(100)
    });
    let id = backend.generate_session_id().unwrap();
    backend.set(&id, &[b'x'; 100]).await.unwrap();
    assert!(backend.set(&id, &[b'x'; 101]).await.is_err());
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("name", &"x".repeat(80)).unwrap();
    backend.store(&session).await.unwrap();
    assert_eq!(visitor.sees(&backend, "n").await, Some(0));
    // Sealed under another key, it is an error where errors are asked for.
    let strict = built(&store, |builder| {
        builder
            .encryption(Encryption::new(&[9; 32]).unwrap())
            .undecodable(session_core::Undecodable::Error)
    });
    let loaded = strict.load(Some(visitor.token.as_bytes())).await;
    assert_eq!(lost(loaded), StoreErrorKind::Corrupt);
}
