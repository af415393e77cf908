//! A run of an update that was not stored leaves nothing behind, and takes nothing else along.

use session_core::{ServerSideBackend, Session, SessionError, StoreErrorKind};

use crate::support::{
    Fault, SpyStore, Visitor, assert_remove, backend, built, increment, interfere, keys,
    store_error, value,
};

#[tokio::test]
async fn an_error_undoes_that_run_and_nothing_else() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("pending", &1).unwrap();
    session.remove("name");
    store.calls();
    let failed: Result<(), _> = session
        .update(|session| {
            session.insert("n", &9)?;
            session.insert("pending", &2)?;
            session.clear();
            session.insert("name", "Eve")?;
            session.set_owner(Some("eve"));
            session.set_persistent(Some(true));
            session.cycle_id();
            Err(SessionError::ReservedKey)
        })
        .await;
    assert!(matches!(failed, Err(SessionError::ReservedKey)));
    assert!(store.calls().is_empty());
    assert_eq!(value(&session, "n"), Some(0));
    assert_eq!(value(&session, "pending"), Some(1));
    assert!(!session.contains_key("name") && session.owner().is_none());
    assert_eq!(session.id().unwrap().to_text(), visitor.token);
    backend.store(&session).await.unwrap();
    let session = visitor.request(&backend).await;
    let mut keys = session.keys();
    keys.sort();
    assert_eq!(keys, ["n", "pending"]);
}

#[tokio::test]
async fn a_failing_store_undoes_the_run() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    store.next("set", Fault::Fail(StoreErrorKind::Unavailable));
    let failed = session.update(increment).await;
    assert_eq!(store_error(failed), StoreErrorKind::Unavailable);
    assert!(!session.is_modified());
    assert_eq!(session.update(increment).await.unwrap(), 1);
}

#[tokio::test]
async fn past_the_bound_of_retries_the_run_is_undone() {
    let store = SpyStore::default();
    let other = backend(&store);
    let backend = built(&store, |builder| builder.conflict_retries(0));
    let visitor = Visitor::new(&store, &other).await;
    let session = visitor.request(&backend).await;
    session.insert("pending", &1).unwrap();
    interfere(&store, &other, &visitor);
    let failed = session.update(increment).await;
    assert!(matches!(failed, Err(SessionError::Conflict)));
    assert_eq!(value(&session, "pending"), Some(1));
    assert_eq!(value(&session, "n"), Some(0));
    backend.store(&session).await.unwrap_err();
    session.reload().await.unwrap();
    assert_eq!(session.update(increment).await.unwrap(), 2);
    assert_eq!(visitor.sees(&other, "pending").await, Some(1));
}

#[tokio::test]
async fn a_destroy_in_a_failed_run_still_ends_the_session_and_all_that_was_pending() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("pending", &1).unwrap();
    let failed: Result<(), _> = session
        .update(|session| {
            session.destroy();
            session.insert("after", &1)?;
            Err(SessionError::ReservedKey)
        })
        .await;
    assert!(failed.is_err());
    assert!(session.is_empty());
    assert_remove(&backend.store(&session).await.unwrap());
    assert_eq!(store.len(), 0);
}

/// During the next write, this happens to the session, and another request puts `n` = 5, so that
/// the write fails.
fn meanwhile(
    store: &SpyStore,
    backend: &ServerSideBackend,
    session: &Session,
    act: impl FnOnce(Session) + Send + 'static,
) {
    let (clone, other) = (session.clone(), backend.clone());
    let visitor = Visitor::holding(&session.id().unwrap());
    let hook = async move {
        act(clone);
        visitor.put(&other, "n", 5).await;
    };
    store.next("set", Fault::before(hook));
}

#[tokio::test]
async fn what_another_task_does_during_a_run_that_is_undone_stays() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    meanwhile(&store, &backend, &session, |session| {
        session.insert("meanwhile", &1).unwrap();
        session.set_owner(Some("ada"));
    });
    // The run itself is undone: it began with 0.
    assert_eq!(session.update(increment).await.unwrap(), 6);
    backend.store(&session).await.unwrap();
    let session = visitor.request(&backend).await;
    assert_eq!(value(&session, "n"), Some(6));
    assert_eq!(value(&session, "meanwhile"), Some(1));
    assert_eq!(session.owner().as_deref(), Some("ada"));
}

#[tokio::test]
async fn a_value_that_another_task_put_over_the_runs_own_is_not_taken_back() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("n", &10).unwrap();
    meanwhile(&store, &backend, &session, |session| {
        session.insert("n", &50).unwrap();
    });
    assert_eq!(session.update(increment).await.unwrap(), 51);
    assert_eq!(visitor.sees(&backend, "n").await, Some(51));
}

#[tokio::test]
async fn a_clear_by_another_task_is_not_taken_back() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("pending", &1).unwrap();
    meanwhile(&store, &backend, &session, |session| {
        session.clear();
    });
    assert_eq!(session.update(increment).await.unwrap(), 1);
    assert_eq!(visitor.request(&backend).await.keys(), ["n"]);
}

#[tokio::test]
async fn a_destroy_by_another_task_is_final_and_the_run_begins_a_fresh_session() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.insert("pending", &1).unwrap();
    session.set_owner(Some("ada"));
    meanwhile(&store, &backend, &session, |session| {
        session.destroy();
    });
    assert_eq!(session.update(increment).await.unwrap(), 1);
    let told = backend.store(&session).await.unwrap();
    assert_eq!(keys(&backend, told).await, ["n"]);
    assert_eq!(store.only_owner(), None);
    assert!(visitor.request(&backend).await.is_new());
}
