//! O: removing an owner's records ("sign out everywhere").

use session_core::{Precondition, SetOutcome};

use crate::{
    IndexedStore, Tested,
    steps::{LONG, Steps as _, breathe, duel, key, moving, numbered, owned, race},
};

/// O15: `delete_owner` removes all records of the owner.
pub async fn delete_owner_removes_all(store: Tested<dyn IndexedStore>) {
    for index in 0..8 {
        store.put_owned(&numbered(index), "ada").await;
    }
    store.delete_owner("ada", None).await.unwrap();
    for index in 0..8 {
        store.assert_gone(&numbered(index)).await;
    }
    assert!(store.list("ada").await.unwrap().is_empty());
}

/// O16: `delete_owner` returns how many living records it removed, the expired not counted.
pub async fn delete_owner_counts_the_living(store: Tested<dyn IndexedStore>) {
    store.let_expire(&key("expired"), &owned(b"x", "ada")).await;
    for index in 0..3 {
        store.put_owned(&numbered(index), "ada").await;
    }
    assert_eq!(store.delete_owner("ada", None).await.unwrap(), 3);
    assert_eq!(store.delete_owner("ada", None).await.unwrap(), 0);
}

/// O17: `delete_owner` of all but one keeps that one as it is and does not count it.
pub async fn delete_owner_keeps_the_exception(store: Tested<dyn IndexedStore>) {
    let mut versions = Vec::new();
    for index in 0..4 {
        versions.push(store.put_owned(&numbered(index), "ada").await);
    }
    let except = numbered(2);
    let removed = store.delete_owner("ada", Some(&except)).await.unwrap();
    assert_eq!(removed, 3);
    for index in [0, 1, 3] {
        store.assert_gone(&numbered(index)).await;
    }
    assert_eq!(store.found(&except).await.version, versions[2]);
    let listed = store.list("ada").await.unwrap();
    assert!(listed.iter().map(|listed| listed.key).eq([except]));
}

/// O18: `delete_owner` with an exception that is not the owner's removes all of the owner's.
pub async fn a_foreign_exception_keeps_nothing(store: Tested<dyn IndexedStore>) {
    store.put_owned(&key("bob's"), "bob").await;
    for except in [key("bob's"), key("nobody's")] {
        store.put_owned(&numbered(0), "ada").await;
        store.put_owned(&numbered(1), "ada").await;
        let removed = store.delete_owner("ada", Some(&except)).await.unwrap();
        assert_eq!(removed, 2);
        store.assert_gone(&numbered(0)).await;
    }
    store.found(&key("bob's")).await;
}

/// O19: `delete_owner` of an unknown owner is 0 and removes nothing.
pub async fn an_unknown_owner_loses_nothing(store: Tested<dyn IndexedStore>) {
    store.put_owned(&key("a"), "ada").await;
    store.put(&key("b"), b"unowned").await;
    for owner in ["nobody", "", "ad", "adaa", "ADA", "%", "*"] {
        assert_eq!(store.delete_owner(owner, None).await.unwrap(), 0);
    }
    store.found(&key("a")).await;
    store.found(&key("b")).await;
}

/// O20: `delete_owner` leaves the records of others and those without an owner.
pub async fn delete_owner_leaves_the_others(store: Tested<dyn IndexedStore>) {
    for index in 0..6 {
        let owner = ["ada", "bob"][index % 2];
        store.put_owned(&numbered(index), owner).await;
    }
    store.put(&key("unowned"), b"x").await;
    store.delete_owner("ada", None).await.unwrap();
    for index in [1, 3, 5] {
        store.found(&numbered(index)).await;
    }
    store.found(&key("unowned")).await;
    assert_eq!(store.list("bob").await.unwrap().len(), 3);
}

/// O21: `delete_owner` leaves what was once the owner's and is another's now.
pub async fn delete_owner_leaves_the_former(store: Tested<dyn IndexedStore>) {
    let (handed, freed, reused) = (key("handed on"), key("freed"), key("reused"));
    for key in [&handed, &freed, &reused] {
        store.put_owned(key, "ada").await;
    }
    store.put_owned(&handed, "bob").await;
    store.put(&freed, b"x").await;
    store.delete(&reused).await.unwrap();
    store.put_owned(&reused, "bob").await;
    assert_eq!(store.delete_owner("ada", None).await.unwrap(), 0);
    for key in [&handed, &freed, &reused] {
        store.found(key).await;
    }
}

/// O22: A conditional write that races with `delete_owner` never revives a record.
pub async fn a_racing_write_survives_no_delete_owner(store: Tested<dyn IndexedStore>) {
    for round in 0..20 {
        let key = numbered(round);
        let version = store.put_owned(&key, "ada").await;
        let (writer, remover) = (store.clone(), store.clone());
        let record = owned(b"more", "ada");
        let write = async move {
            let when = Precondition::Version(version);
            writer.set(&key, &record, LONG, when).await.unwrap()
        };
        let remove = async move { remover.delete_owner("ada", None).await.unwrap() };
        let (written, removed) = duel(write, remove).await;
        assert_eq!(removed, 1, "it lived until then");
        assert_ne!(written, SetOutcome::Conflict, "nobody else writes");
        store.assert_gone(&key).await;
    }
}

/// O23: Of N concurrent calls of `delete_owner` each record is counted by exactly one.
pub async fn each_record_is_counted_once(store: Tested<dyn IndexedStore>) {
    for index in 0..12 {
        store.put_owned(&numbered(index), "ada").await;
    }
    let counts = race(6, |_| {
        let store = store.clone();
        async move { store.delete_owner("ada", None).await.unwrap() }
    });
    assert_eq!(counts.await.into_iter().sum::<u64>(), 12);
}

/// O24: `delete_owner` removes a record that is renamed meanwhile too: no rotation escapes.
pub async fn a_racing_rename_escapes_no_delete_owner(store: Tested<dyn IndexedStore>) {
    for round in 0..20 {
        let mut moves = Vec::new();
        for index in 0..4 {
            let (from, to) = moving(round, index);
            moves.push((from, to, store.put_owned(&from, "ada").await));
        }
        let (mover, remover) = (store.clone(), store.clone());
        let rename = async move {
            for (from, to, version) in moves {
                let record = owned(b"moved", "ada");
                let outcome = mover.try_rename(&from, &to, &record, version).await;
                assert_ne!(outcome, SetOutcome::Conflict, "nobody else writes");
                breathe(round).await;
            }
        };
        let remove = async move { remover.delete_owner("ada", None).await.unwrap() };
        let ((), removed) = duel(rename, remove).await;
        assert_eq!(removed, 4, "each lived, under one key or the other");
        for index in 0..4 {
            let (from, to) = moving(round, index);
            store.assert_gone(&from).await;
            store.assert_gone(&to).await;
        }
    }
}
