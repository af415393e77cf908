//! D: removing.

use session_core::{Precondition, SetOutcome, Store};

use crate::{
    Tested,
    steps::{Steps as _, duel, key, numbered, race},
};

/// D1: `delete` of a living record is `true`, a second time `false`.
pub async fn delete_is_true_once(store: Tested<dyn Store>) {
    let key = key("removed");
    store.put(&key, b"x").await;
    assert!(store.delete(&key).await.unwrap());
    assert!(!store.delete(&key).await.unwrap());
}

/// D2: `delete` of an absent key is `false`.
pub async fn delete_of_absent_is_false(store: Tested<dyn Store>) {
    assert!(!store.delete(&key("never set")).await.unwrap());
    store.put(&key("another"), b"x").await;
    assert!(!store.delete(&key("never set")).await.unwrap());
}

/// D3: A deleted record is absent for `get`, `exists` and `ttl`.
pub async fn deleted_is_absent(store: Tested<dyn Store>) {
    let key = key("removed");
    store.put_owned(&key, "ada").await;
    store.delete(&key).await.unwrap();
    store.assert_gone(&key).await;
    assert!(!store.exists(&key).await.unwrap());
    assert_eq!(store.ttl(&key).await.unwrap(), None);
}

/// D4: `delete` leaves other keys alone.
pub async fn delete_leaves_other_keys_alone(store: Tested<dyn Store>) {
    for index in 0..8 {
        store.put_owned(&numbered(index), "ada").await;
    }
    store.delete(&numbered(3)).await.unwrap();
    for index in (0..8).filter(|index| *index != 3) {
        store.found(&numbered(index)).await;
    }
}

/// D5: Of N concurrent deletes of one record exactly one is `true`.
pub async fn one_of_many_deletes_is_true(store: Tested<dyn Store>) {
    for round in 0..4 {
        let key = numbered(round);
        store.put(&key, b"x").await;
        let told = race(16, |_| {
            let store = store.clone();
            async move { store.delete(&key).await.unwrap() }
        });
        let removed = told.await.into_iter().filter(|removed| *removed).count();
        assert_eq!(removed, 1);
    }
}

/// D6: A conditional write that races with a `delete` never revives the record.
pub async fn a_racing_write_revives_nothing(store: Tested<dyn Store>) {
    for round in 0..20 {
        let key = numbered(round);
        let mut version = store.put(&key, b"start").await;
        let (writer, remover) = (store.clone(), store.clone());
        let write = async move {
            for _ in 0..3 {
                let when = Precondition::Version(version);
                match writer.try_put(&key, b"more", when).await {
                    SetOutcome::Stored(next) => version = next,
                    SetOutcome::Missing => return,
                    SetOutcome::Conflict => panic!("nobody else writes"),
                }
            }
        };
        let remove = async move { remover.delete(&key).await.unwrap() };
        let ((), removed) = duel(write, remove).await;
        assert!(removed, "it lived until this delete");
        store.assert_gone(&key).await;
    }
}
