//! F: housekeeping and owner index together.

use session_core::FullStore;

use crate::{
    Tested,
    steps::{Steps as _, key, numbered, owned},
};

/// F1: `delete_all` empties every owner's list, and what is written afterwards is listed.
pub async fn delete_all_empties_the_lists(store: Tested<dyn FullStore>) {
    for index in 0..4 {
        let owner = ["ada", "bob"][index % 2];
        store.put_owned(&numbered(index), owner).await;
    }
    store.delete_all().await.unwrap();
    assert!(store.list("ada").await.unwrap().is_empty());
    assert!(store.list("bob").await.unwrap().is_empty());
    store.put(&numbered(0), b"unowned").await;
    store.put_owned(&numbered(1), "ada").await;
    let listed = store.list("ada").await.unwrap();
    assert!(listed.iter().map(|listed| listed.key).eq([numbered(1)]));
}

/// F2: What `delete_owner` removes is no longer counted.
pub async fn delete_owner_lowers_the_count(store: Tested<dyn FullStore>) {
    for index in 0..6 {
        let owner = ["ada", "bob"][index % 2];
        store.put_owned(&numbered(index), owner).await;
    }
    let removed = store.delete_owner("ada", None).await.unwrap();
    assert_eq!((removed, store.count().await.unwrap()), (3, 3));
}

/// F3: `purge_expired` keeps the lists of the living exact.
pub async fn purge_keeps_the_lists(store: Tested<dyn FullStore>) {
    store.put_owned(&key("living"), "ada").await;
    store.let_expire(&key("expired"), &owned(b"x", "ada")).await;
    store.let_expire(&key("reused"), &owned(b"x", "ada")).await;
    store.put_owned(&key("reused"), "ada").await;
    store.purge_expired(100).await.unwrap();
    let listed = store.list("ada").await.unwrap();
    let mut keys = listed.iter().map(|listed| listed.key).collect::<Vec<_>>();
    keys.sort();
    let mut expected = [key("living"), key("reused")];
    expected.sort();
    assert_eq!(keys, expected);
    assert_eq!(store.delete_owner("ada", None).await.unwrap(), 2);
}
