//! What has ended stays gone, whatever was still in flight.

use std::{collections::HashSet, time::Duration};

use session_core::{Renew, ServerSideBackend, Session, SessionError, StoreKey};

use crate::support::{Fault, SpyStore, Visitor, assert_keep, backend, built, load, value};

/// A request that was overtaken by the end of its session: nothing of it is stored anywhere, its
/// client is told nothing, and it says so.
async fn assert_dropped(
    store: &SpyStore,
    backend: &ServerSideBackend,
    visitor: &Visitor,
    slow: &Session,
) {
    let others = |key: &StoreKey| *key != visitor.key;
    let before: HashSet<_> = store.keys().into_iter().filter(others).collect();
    let saved = slow.save().await;
    assert!(matches!(saved, Err(SessionError::Ended)), "{saved:?}");
    assert!(slow.has_ended() && slow.is_empty());
    assert!(slow.created_at().is_none() && slow.expires_in().is_none());
    // Nor is anything that the handler does after that.
    slow.insert("again", &1).unwrap();
    assert!(matches!(slow.save().await, Err(SessionError::Ended)));
    assert!(matches!(slow.reload().await, Err(SessionError::Ended)));
    slow.destroy();
    slow.cycle_id();
    assert_keep(&backend.store(slow).await.unwrap());
    assert!(load(backend, &visitor.token).await.is_new());
    assert_eq!(store.keys().into_iter().collect::<HashSet<_>>(), before);
}

#[tokio::test]
async fn a_write_overtaken_by_a_logout_is_dropped() {
    let store = SpyStore::default();
    let (here, there) = (backend(&store), backend(&store));
    let visitor = Visitor::new(&store, &here).await;
    let slow = visitor.request(&here).await;
    slow.insert("n", &1).unwrap();
    visitor.log_out(&there).await;
    assert_dropped(&store, &here, &visitor, &slow).await;
    assert_eq!(store.len(), 0);
    assert_eq!(here.counters().ended, 1);
}

#[tokio::test]
async fn a_write_overtaken_by_a_logout_in_the_very_commit_is_dropped() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let slow = visitor.request(&backend).await;
    slow.insert("n", &1).unwrap();
    let (database, key) = (store.clone(), visitor.key);
    store.next(
        "set",
        Fault::before(async move { assert!(database.remove(&key)) }),
    );
    assert_dropped(&store, &backend, &visitor, &slow).await;
}

#[tokio::test]
async fn a_write_that_met_a_conflict_and_then_a_logout_is_dropped() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let slow = visitor.request(&backend).await;
    slow.insert("n", &1).unwrap();
    visitor.put(&backend, "n", 2).await;
    let (database, key) = (store.clone(), visitor.key);
    store.next(
        "get",
        Fault::before(async move { assert!(database.remove(&key)) }),
    );
    assert_dropped(&store, &backend, &visitor, &slow).await;
}

#[tokio::test]
async fn a_write_overtaken_by_the_expiry_is_dropped() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let slow = visitor.request(&backend).await;
    slow.insert("n", &1).unwrap();
    store.advance(Duration::from_secs(86_400));
    assert_dropped(&store, &backend, &visitor, &slow).await;
}

#[tokio::test]
async fn a_write_overtaken_by_a_new_id_is_dropped_and_the_new_one_keeps_its_data() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let slow = visitor.request(&backend).await;
    slow.insert("n", &1).unwrap();
    let login = visitor.request(&backend).await;
    login.cycle_id();
    login.insert("user", "ada").unwrap();
    let signed_in = Visitor::of(&backend, &login).await;
    assert_dropped(&store, &backend, &visitor, &slow).await;
    let session = signed_in.request(&backend).await;
    assert_eq!(value(&session, "n"), Some(0));
    assert_eq!(value::<String>(&session, "user").unwrap(), "ada");
    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn a_rotation_overtaken_by_a_logout_is_dropped() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let slow = visitor.request(&backend).await;
    slow.cycle_id();
    let told = slow.id().unwrap();
    visitor.log_out(&backend).await;
    assert_dropped(&store, &backend, &visitor, &slow).await;
    assert!(load(&backend, &told.to_text()).await.is_new());
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn of_two_rotations_one_wins_and_the_other_is_dropped() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let (fast, slow) = (
        visitor.request(&backend).await,
        visitor.request(&backend).await,
    );
    fast.cycle_id();
    slow.cycle_id();
    let winner = Visitor::of(&backend, &fast).await;
    assert_dropped(&store, &backend, &visitor, &slow).await;
    assert_eq!(winner.sees(&backend, "n").await, Some(0));
}

#[tokio::test]
async fn an_emptying_overtaken_by_a_logout_is_dropped() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let slow = visitor.request(&backend).await;
    slow.clear();
    visitor.log_out(&backend).await;
    assert_dropped(&store, &backend, &visitor, &slow).await;
}

#[tokio::test]
async fn a_renewal_overtaken_by_the_end_revives_nothing() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.renew(Renew::EveryRequest));
    for rotated in [false, true] {
        let visitor = Visitor::new(&store, &backend).await;
        store.advance(Duration::from_secs(1));
        let slow = visitor.request(&backend).await;
        let other = visitor.request(&backend).await;
        if rotated {
            other.cycle_id();
        } else {
            other.destroy();
        }
        backend.store(&other).await.unwrap();
        store.calls();
        assert_keep(&backend.store(&slow).await.unwrap());
        assert_eq!(store.calls(), ["expire"]);
        assert!(slow.has_ended());
        assert!(visitor.request(&backend).await.is_new());
        assert!(!store.keys().contains(&visitor.key));
    }
}

#[tokio::test]
async fn a_reload_finds_the_end() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let socket = visitor.request(&backend).await;
    visitor.log_out(&backend).await;
    assert!(!socket.has_ended());
    assert!(matches!(socket.reload().await, Err(SessionError::Ended)));
    assert!(socket.has_ended() && socket.is_empty());
}

#[tokio::test]
async fn a_logout_is_seen_by_every_process_at_once() {
    let store = SpyStore::default();
    let (here, there) = (backend(&store), backend(&store));
    for _ in 0..10 {
        let visitor = Visitor::new(&store, &here).await;
        assert_eq!(visitor.sees(&there, "n").await, Some(0));
        visitor.log_out(&here).await;
        assert!(visitor.request(&there).await.is_new());
    }
}

#[tokio::test]
async fn a_logout_overtaken_by_a_new_id_says_that_it_ended_nothing() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let logout = visitor.request(&backend).await;
    let login = visitor.request(&backend).await;
    login.cycle_id();
    backend.store(&login).await.unwrap();
    logout.destroy();
    assert!(matches!(logout.save().await, Err(SessionError::Ended)));
    assert_keep(&backend.store(&logout).await.unwrap());
    assert_eq!(store.len(), 1);
}
