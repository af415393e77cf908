//! A store that hangs: every operation ends within the configured time.

use std::time::Duration;

use session_core::{Outage, Renew, SessionError, StoreErrorKind};
use tokio::time::Instant;

use crate::support::{Fault, SpyStore, Visitor, backend, built, lost, store_error};

const LIMIT: Duration = Duration::from_millis(700);

#[tokio::test(start_paused = true)]
async fn a_hanging_load_is_a_timeout_after_two_seconds_by_default() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    store.next("get", Fault::Hang);
    let began = Instant::now();
    let loaded = backend.load(Some(visitor.token.as_bytes())).await;
    assert_eq!(lost(loaded), StoreErrorKind::Timeout);
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(2) && took < Duration::from_millis(2010));
    assert_eq!(store.abandoned(), 1);
    assert_eq!(backend.counters().store_errors, 1);
}

#[tokio::test(start_paused = true)]
async fn every_operation_of_a_commit_is_bounded() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| {
        builder.store_timeout(LIMIT).renew(Renew::EveryRequest)
    });
    let calls = ["set", "rename", "delete", "expire"];
    for (n, call) in calls.into_iter().enumerate() {
        let visitor = Visitor::new(&store, &backend).await;
        store.advance(Duration::from_secs(10));
        let session = visitor.request(&backend).await;
        match call {
            "set" => assert!(session.insert("n", &1).unwrap()),
            "rename" => session.cycle_id(),
            "delete" => session.destroy(),
            _ => {}
        }
        store.next(call, Fault::Hang);
        let began = Instant::now();
        let stored = backend.store(&session).await;
        assert_eq!(store_error(stored), StoreErrorKind::Timeout, "{call}");
        let took = began.elapsed();
        assert!(took >= LIMIT && took < LIMIT * 2, "{call}: {took:?}");
        assert_eq!(store.abandoned(), n + 1, "the call is dropped");
    }
}

#[tokio::test(start_paused = true)]
async fn the_raw_operations_are_bounded() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.store_timeout(LIMIT));
    let id = backend.generate_session_id().unwrap();
    for call in ["get", "set", "delete"] {
        store.next(call, Fault::Hang);
    }
    let began = Instant::now();
    let timeout = StoreErrorKind::Timeout;
    assert_eq!(backend.get(&id).await.unwrap_err().kind(), timeout);
    assert_eq!(store_error(backend.set(&id, b"x").await), timeout);
    assert_eq!(backend.delete(&id).await.unwrap_err().kind(), timeout);
    assert!(began.elapsed() < LIMIT * 4);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_within_the_limit_is_an_answer() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.store_timeout(LIMIT));
    let visitor = Visitor::new(&store, &backend).await;
    let slow = || Fault::Delay(LIMIT - Duration::from_millis(10));
    store.next("get", slow());
    let session = visitor.request(&backend).await;
    session.insert("n", &1).unwrap();
    store.next("set", slow());
    backend.store(&session).await.unwrap();
    assert_eq!(visitor.sees(&backend, "n").await, Some(1));
    assert_eq!(store.abandoned(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_load_under_read_only_is_anonymous_and_read_only() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| {
        builder
            .store_timeout(LIMIT)
            .outage(Outage::AnonymousReadOnly)
    });
    let visitor = Visitor::new(&store, &backend).await;
    store.next("get", Fault::Hang);
    let session = visitor.request(&backend).await;
    assert!(session.is_empty());
    session.insert("n", &1).unwrap();
    store_error(backend.store(&session).await);
    assert_eq!(visitor.sees(&backend, "n").await, Some(0));
}

#[tokio::test]
async fn a_limit_of_zero_allows_answers_that_are_there_at_once() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.store_timeout(Duration::ZERO));
    let visitor = Visitor::new(&store, &backend).await;
    assert_eq!(visitor.sees(&backend, "n").await, Some(0));
    store.next("get", Fault::Hang);
    let loaded = backend.load(Some(visitor.token.as_bytes())).await;
    assert_eq!(lost(loaded), StoreErrorKind::Timeout);
}

#[tokio::test]
async fn without_a_conflict_or_a_rotation_no_timer_is_needed() {
    // A store in memory may be used on a runtime without a clock.
    let store = SpyStore::default();
    let work = async move {
        let backend = backend(&store);
        let visitor = Visitor::new(&store, &backend).await;
        let session = visitor.request(&backend).await;
        session.insert("n", &1)?;
        backend.store(&session).await?;
        Ok::<(), SessionError>(())
    };
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(work).unwrap();
    })
    .join()
    .unwrap();
}
