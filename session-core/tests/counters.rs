//! What an operator can count.

use session_core::{Counters, StoreErrorKind};

use crate::support::{Fault, SpyStore, Visitor, backend};

#[tokio::test]
async fn each_kind_of_trouble_is_counted_once_and_nothing_else() {
    let store = SpyStore::default();
    let backend = backend(&store);
    assert_eq!(backend.counters(), Counters::default());

    let visitor = Visitor::new(&store, &backend).await;
    visitor.put(&backend, "n", 1).await;
    assert_eq!(backend.counters(), Counters::default());

    backend.load(Some(b"malformed")).await.unwrap();
    assert_eq!(backend.counters().malformed, 1);

    let unknown = backend.generate_session_id().unwrap().to_text();
    backend.load(Some(unknown.as_bytes())).await.unwrap();
    assert_eq!(backend.counters().unknown, 1);

    let late = visitor.request(&backend).await;
    late.insert("m", &1).unwrap();
    visitor.put(&backend, "n", 2).await;
    backend.store(&late).await.unwrap();
    assert_eq!(backend.counters().conflicts, 1);

    store.next("get", Fault::Fail(StoreErrorKind::Unavailable));
    assert!(backend.load(Some(visitor.token.as_bytes())).await.is_err());
    assert_eq!(backend.counters().store_errors, 1);

    let late = visitor.request(&backend).await;
    late.insert("m", &2).unwrap();
    visitor.log_out(&backend).await;
    backend.store(&late).await.unwrap();
    assert_eq!(backend.counters().ended, 1);

    let visitor = Visitor::new(&store, &backend).await;
    store.overwrite(&visitor.key, b"garbage");
    visitor.request(&backend).await;
    assert_eq!(backend.counters().undecodable, 1);

    let counters = backend.clone().counters();
    assert_eq!(
        [
            counters.malformed,
            counters.unknown,
            counters.conflicts,
            counters.store_errors,
            counters.ended,
            counters.undecodable,
        ],
        [1; 6]
    );
}
