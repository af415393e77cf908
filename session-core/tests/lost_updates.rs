//! What requests do to one session at the same time, all of it survives.

use session_core::{ServerSideBackend, Session, SessionError};
use tokio::task::JoinSet;

use crate::support::{SpyStore, Visitor, backend, built, increment, interfere, value};

#[tokio::test]
async fn different_keys_both_survive() {
    let store = SpyStore::default();
    let (here, there) = (backend(&store), backend(&store));
    let visitor = Visitor::new(&store, &here).await;
    let (one, two) = (visitor.request(&here).await, visitor.request(&there).await);
    one.insert("one", &1).unwrap();
    two.insert("two", &2).unwrap();
    here.store(&one).await.unwrap();
    there.store(&two).await.unwrap();
    assert_eq!(store.calls(), ["get", "get", "set", "set", "get", "set"]);
    assert_eq!(there.counters().conflicts, 1);
    let session = visitor.request(&here).await;
    let values = (value(&session, "one"), value(&session, "two"));
    assert_eq!(values, (Some(1), Some(2)));
    assert_eq!(session.len(), 4);
    // The loser sees the winner's change from then on.
    assert_eq!(value(&two, "one"), Some(1));
}

#[tokio::test]
async fn a_removal_and_an_insert_both_survive() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let (one, two) = (
        visitor.request(&backend).await,
        visitor.request(&backend).await,
    );
    one.insert("one", &1).unwrap();
    two.remove("name");
    backend.store(&one).await.unwrap();
    backend.store(&two).await.unwrap();
    let mut keys = visitor.request(&backend).await.keys();
    keys.sort();
    assert_eq!(keys, ["n", "one"]);
}

#[tokio::test]
async fn of_one_key_the_later_commit_wins() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let (one, two) = (
        visitor.request(&backend).await,
        visitor.request(&backend).await,
    );
    one.insert("n", &1).unwrap();
    two.remove("n");
    backend.store(&two).await.unwrap();
    backend.store(&one).await.unwrap();
    assert_eq!(visitor.sees(&backend, "n").await, Some(1));
}

#[tokio::test]
async fn clear_takes_what_others_put_and_keeps_what_came_after_it() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let (one, two) = (
        visitor.request(&backend).await,
        visitor.request(&backend).await,
    );
    one.insert("one", &1).unwrap();
    two.insert("before", &1).unwrap();
    two.clear();
    two.insert("after", &2).unwrap();
    backend.store(&one).await.unwrap();
    backend.store(&two).await.unwrap();
    assert_eq!(visitor.request(&backend).await.keys(), ["after"]);
}

#[tokio::test]
async fn an_owner_and_a_value_both_survive() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let (one, two) = (
        visitor.request(&backend).await,
        visitor.request(&backend).await,
    );
    one.set_owner(Some("ada"));
    two.insert("n", &5).unwrap();
    let three = visitor.request(&backend).await;
    three.insert("m", &6).unwrap();
    for session in [two, one, three] {
        backend.store(&session).await.unwrap();
    }
    let session = visitor.request(&backend).await;
    assert_eq!(session.owner().as_deref(), Some("ada"));
    assert_eq!(store.only_owner().as_deref(), Some("ada"));
    let values = (value(&session, "n"), value(&session, "m"));
    assert_eq!(values, (Some(5), Some(6)));
}

#[tokio::test]
async fn a_rotation_takes_a_concurrent_write_along() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let (one, two) = (
        visitor.request(&backend).await,
        visitor.request(&backend).await,
    );
    one.insert("one", &1).unwrap();
    two.cycle_id();
    let told = two.id().unwrap();
    backend.store(&one).await.unwrap();
    let moved = Visitor::of(&backend, &two).await;
    assert_eq!(moved.token, told.to_text());
    assert_eq!(moved.sees(&backend, "one").await, Some(1));
    assert_eq!(store.len(), 1);
}

/// 64 requests over two processes that share a database, all loaded before one is stored.
async fn crowd(store: &SpyStore) -> (Visitor, [ServerSideBackend; 2], Vec<Session>) {
    let backends = [backend(store), backend(store)];
    let visitor = Visitor::new(store, &backends[0]).await;
    let mut sessions = Vec::new();
    for n in 0..64 {
        sessions.push(visitor.request(&backends[n % 2]).await);
    }
    (visitor, backends, sessions)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_keys_set_at_once_over_two_processes_64_survive() {
    let store = SpyStore::default();
    let (visitor, backends, sessions) = crowd(&store).await;
    let mut requests = JoinSet::new();
    for (n, session) in sessions.into_iter().enumerate() {
        let backend = backends[n % 2].clone();
        requests.spawn(async move {
            session.insert(format!("key{n}"), &n).unwrap();
            backend.store(&session).await.unwrap();
        });
    }
    requests.join_all().await;
    let session = visitor.request(&backends[0]).await;
    for n in 0..64_usize {
        assert_eq!(value(&session, &format!("key{n}")), Some(n));
    }
    assert!(backends[0].counters().conflicts + backends[1].counters().conflicts >= 63);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_increments_at_once_over_two_processes_64_count() {
    let store = SpyStore::default();
    let (visitor, backends, sessions) = crowd(&store).await;
    let mut requests = JoinSet::new();
    for session in sessions {
        requests.spawn(async move { session.update(increment).await.unwrap() });
    }
    let mut seen = requests.join_all().await;
    seen.sort_unstable();
    assert_eq!(seen, (1..=64).collect::<Vec<_>>());
    assert_eq!(visitor.sees(&backends[1], "n").await, Some(64));
}

#[tokio::test]
async fn past_the_bound_of_retries_it_is_a_conflict_and_the_changes_stay_pending() {
    let store = SpyStore::default();
    let other = backend(&store);
    for retries in [0, 2] {
        let backend = built(&store, |builder| builder.conflict_retries(retries));
        let visitor = Visitor::new(&store, &other).await;
        let session = visitor.request(&backend).await;
        session.insert("mine", &1).unwrap();
        for _ in 0..=retries {
            interfere(&store, &other, &visitor);
        }
        assert!(matches!(session.save().await, Err(SessionError::Conflict)));
        assert!(session.is_modified() && !session.has_ended());
        assert_eq!(value(&session, "mine"), Some(1));
        assert_eq!(visitor.sees::<i32>(&other, "mine").await, None);
        session.reload().await.unwrap();
        session.save().await.unwrap();
        assert_eq!(visitor.sees(&other, "mine").await, Some(1));
        assert_eq!(backend.counters().conflicts, u64::from(retries) + 1);
    }
}
