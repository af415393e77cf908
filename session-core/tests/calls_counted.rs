//! A session costs what it must and no more.

use session_core::{RESERVED_KEY, SessionError};

use crate::support::{SpyStore, Visitor, assert_keep, backend, load, noise, set_token, value};

#[tokio::test]
async fn a_request_without_a_token_costs_nothing() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    assert!(session.is_new() && session.is_empty() && !session.is_modified());
    assert_eq!(value::<i32>(&session, "n"), None);
    assert_keep(&backend.store(&session).await.unwrap());
    assert!(store.calls().is_empty());
}

#[tokio::test]
async fn a_malformed_token_never_reaches_the_store() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let mut bytes = noise(1);
    for round in 0..5000 {
        // Up to twice the right length, and each second one of exactly the right length.
        let length = if round % 2 == 0 { 43 } else { round % 87 };
        let mut token: Vec<u8> = bytes.by_ref().take(length).collect();
        // Noise of the right length is well-formed by a chance of 2⁻⁸⁰; this makes it none.
        if let Some(first) = token.first_mut() {
            *first |= 0x80;
        }
        let session = backend.load(Some(&token)).await.unwrap();
        assert!(session.is_new() && session.is_empty());
    }
    assert!(store.calls().is_empty());
    assert_eq!(backend.counters().malformed, 5000);
}

#[tokio::test]
async fn a_token_of_another_length_or_alphabet_never_reaches_the_store() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let good = "A".repeat(43);
    assert!(backend.is_well_formed(good.as_bytes()));
    let mut bad = vec![
        String::new(),
        "null".to_owned(),
        "attacker".to_owned(),
        "../../etc/passwd".to_owned(),
        good[1..].to_owned(),
        format!("{good}A"),
        format!("{good}="),
        format!("\"{}\"", &good[2..]),
        "A".repeat(300_000),
    ];
    for character in ['+', '/', '=', '.', ' ', '\0', '\n', '%', ';', '"'] {
        bad.push(format!("{}{character}", &good[1..]));
    }
    for token in &bad {
        assert!(!backend.is_well_formed(token.as_bytes()), "{token:.50}");
        assert!(load(&backend, token).await.is_new());
    }
    assert!(store.calls().is_empty());
}

#[tokio::test]
async fn a_request_that_reads_costs_one_get() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    assert_eq!(value(&session, "n"), Some(0));
    assert_eq!(value::<String>(&session, "name").unwrap(), "Ada");
    assert!(!session.is_new() && session.contains_key("n") && session.len() == 2);
    assert_keep(&backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["get"]);
}

#[tokio::test]
async fn a_request_that_writes_costs_one_get_and_one_set() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    assert!(session.insert("n", &1).unwrap());
    session.insert("m", &2).unwrap();
    session.remove("name");
    assert!(session.is_modified());
    backend.store(&session).await.unwrap();
    assert!(!session.is_modified());
    assert_eq!(store.calls(), ["get", "set"]);
}

#[tokio::test]
async fn a_new_session_costs_one_set() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    session.insert("n", &1).unwrap();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["set"]);
    // It is new for the rest of its request.
    assert!(session.is_new() && session.created_at().is_some());
    assert_eq!(value(&load(&backend, &token.text()).await, "n"), Some(1));
}

#[tokio::test]
async fn a_visitor_whose_session_stays_empty_is_never_stored() {
    let store = SpyStore::default();
    let backend = backend(&store);
    for touch in 0..5 {
        let session = backend.load(None).await.unwrap();
        match touch {
            0 => session.clear(),
            1 => session.cycle_id(),
            2 => session.destroy(),
            3 => assert!(!session.remove("n")),
            _ => {
                session.insert("n", &1).unwrap();
                assert!(session.remove("n"));
            }
        }
        assert_keep(&backend.store(&session).await.unwrap());
    }
    assert!(store.calls().is_empty());
}

#[tokio::test]
async fn an_equal_insert_is_no_write() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    assert!(!session.insert("n", &0).unwrap());
    assert!(!session.insert("name", "Ada").unwrap());
    assert!(!session.is_modified());
    assert_keep(&backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["get"]);
}

#[tokio::test]
async fn a_change_that_is_taken_back_is_no_write() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    session.insert("n", &0).unwrap();
    assert_eq!(session.take::<String>("name").unwrap().unwrap(), "Ada");
    session.insert("name", "Ada").unwrap();
    session.insert("new", &1).unwrap();
    session.remove("new");
    session.set_owner(Some("ada"));
    session.set_owner(None);
    session.set_persistent(Some(true));
    session.set_persistent(None);
    assert!(!session.is_modified());
    assert_keep(&backend.store(&session).await.unwrap());
    assert_eq!(store.calls(), ["get"]);
}

#[tokio::test]
async fn the_reserved_key_is_invisible_and_refused() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let session = backend.load(None).await.unwrap();
    session.insert("n", &0).unwrap();
    session.set_persistent(Some(true));
    let visitor = Visitor::of(&backend, &session).await;
    assert!(
        store
            .only_bytes()
            .windows(RESERVED_KEY.len())
            .any(|part| part == RESERVED_KEY.as_bytes())
    );
    for session in [session, visitor.request(&backend).await] {
        assert_eq!(session.keys(), ["n"]);
        assert_eq!(session.len(), 1);
        assert_eq!(session.entries::<i32>().unwrap(), [("n".to_owned(), 0)]);
        assert!(!session.contains_key(RESERVED_KEY));
        assert!(!session.remove(RESERVED_KEY));
        assert!(session.get::<String>(RESERVED_KEY).unwrap().is_none());
        assert!(session.take::<String>(RESERVED_KEY).unwrap().is_none());
        let refused = session.insert(RESERVED_KEY, &1);
        assert!(matches!(refused, Err(SessionError::ReservedKey)));
        assert!(!session.is_modified());
    }
}
