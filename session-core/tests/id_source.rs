//! A source of IDs that is broken is an error, never a shared session.

use std::{collections::HashSet, time::Duration};

use session_core::{IdLength, ServerSideBackend, SessionError};

use crate::support::{FixedSource, SilentSource, SpyStore, Visitor, built, load};

async fn one(backend: &ServerSideBackend) -> Result<(), SessionError> {
    let session = backend.load(None).await.unwrap();
    session.insert("n", &0).unwrap();
    backend.store(&session).await.map(drop)
}

#[tokio::test]
async fn a_source_with_nothing_to_give_is_an_error_and_nothing_is_written() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.id_source(SilentSource::after(1)));
    let session = backend.load(None).await.unwrap();
    session.insert("n", &0).unwrap();
    let visitor = Visitor::of(&backend, &session).await;
    assert!(matches!(one(&backend).await, Err(SessionError::Id(_))));
    assert!(backend.generate_session_id().is_err());
    let session = visitor.request(&backend).await;
    session.cycle_id();
    assert!(matches!(session.id(), Err(SessionError::Id(_))));
    assert!(matches!(session.save().await, Err(SessionError::Id(_))));
    assert!(session.is_modified());
    assert_eq!(store.keys(), [visitor.key]);
}

#[tokio::test]
async fn a_source_that_repeats_itself_is_an_error_and_no_session_is_shared() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.id_source(FixedSource::new(&[7])));
    one(&backend).await.unwrap();
    let before = store.only_bytes();
    assert!(matches!(one(&backend).await, Err(SessionError::Id(_))));
    assert_eq!(store.only_bytes(), before);
}

#[tokio::test]
async fn one_repetition_is_overcome() {
    let store = SpyStore::default();
    let source = FixedSource::new(&[7, 7, 8]);
    let backend = built(&store, |builder| builder.id_source(source));
    one(&backend).await.unwrap();
    one(&backend).await.unwrap();
    assert_eq!(store.len(), 2);
}

#[tokio::test]
async fn a_rotation_to_the_same_id_is_an_error_and_the_session_stays() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.id_source(FixedSource::new(&[7])));
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.cycle_id();
    assert!(matches!(session.save().await, Err(SessionError::Id(_))));
    // No store is asked to move a record onto itself.
    assert_eq!(store.calls(), ["get"]);
    assert_eq!(visitor.sees(&backend, "n").await, Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_rotation_to_an_id_that_is_taken_is_an_error_at_once() {
    let store = SpyStore::default();
    let source = FixedSource::new(&[7, 8, 7]);
    let backend = built(&store, |builder| builder.id_source(source));
    one(&backend).await.unwrap();
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.cycle_id();
    let began = tokio::time::Instant::now();
    assert!(matches!(session.save().await, Err(SessionError::Id(_))));
    // Each rotation waits for a millisecond; none of the three for its turn.
    assert_eq!(began.elapsed(), Duration::from_millis(3));
    assert_eq!(store.len(), 2);
    assert_eq!(visitor.sees(&backend, "n").await, Some(0));
    assert_eq!(backend.counters().conflicts, 0);
}

#[tokio::test]
async fn no_two_ids_are_alike_and_all_are_of_the_length_asked_for() {
    let store = SpyStore::default();
    for bytes in [IdLength::MIN, 32, 33, 64, IdLength::MAX] {
        let backend = built(&store, |builder| builder.session_id_bytes(bytes));
        let mut seen = HashSet::new();
        for _ in 0..200 {
            let id = backend.generate_session_id().unwrap();
            assert_eq!(id.as_bytes().len(), bytes);
            let text = id.to_text();
            assert_eq!(text.len(), (bytes * 4).div_ceil(3));
            assert!(backend.is_well_formed(text.as_bytes()));
            assert!(seen.insert(text));
        }
    }
}

#[tokio::test]
async fn an_id_of_another_length_is_a_stranger() {
    let store = SpyStore::default();
    let short = built(&store, |builder| builder.session_id_bytes(16));
    let long = built(&store, |builder| builder.session_id_bytes(48));
    let visitor = Visitor::new(&store, &short).await;
    assert!(load(&long, &visitor.token).await.is_new());
    assert!(store.calls().is_empty());
    assert_eq!(visitor.sees(&short, "n").await, Some(0));
}
