//! R: moving a record while others are at it.

use session_core::{NewRecord, Precondition, SetOutcome, Store};
use tokio::task::yield_now;

use crate::{
    Tested,
    steps::{Steps as _, duel, key, numbered, owned, race},
};

const MOVED: NewRecord<'_> = owned(b"moved", "bob");

/// R12: Of N concurrent renames of one record exactly one wins, and only its `to` exists.
pub async fn one_rename_of_a_record_wins(store: Tested<dyn Store>) {
    let from = key("from");
    let version = store.put(&from, b"x").await;
    let outcomes = race(16, |index| {
        let store = store.clone();
        async move {
            store
                .try_rename(&from, &numbered(index), &MOVED, version)
                .await
        }
    });
    let (mut won, mut left) = (0, 0);
    for outcome in outcomes.await {
        won += usize::from(matches!(outcome, SetOutcome::Stored(_)));
    }
    for index in 0..16 {
        left += usize::from(store.exists(&numbered(index)).await.unwrap());
    }
    assert_eq!((won, left), (1, 1));
    store.assert_gone(&from).await;
}

/// R13: Of N concurrent renames onto one key exactly one wins, and the others keep their `from`.
pub async fn one_rename_onto_a_key_wins(store: Tested<dyn Store>) {
    let to = key("to");
    let mut versions = Vec::new();
    for index in 0..16 {
        versions.push(store.put(&numbered(index), b"x").await);
    }
    let outcomes = race(16, |index| {
        let (store, version) = (store.clone(), versions[index]);
        async move {
            let data = [index as u8];
            let record = NewRecord::new(&data);
            let outcome = store
                .try_rename(&numbered(index), &to, &record, version)
                .await;
            (index, outcome)
        }
    });
    let winner = only_winner(&outcomes.await);
    assert_eq!(store.found(&to).await.data[..], [winner as u8]);
    for index in 0..16 {
        let left = store.exists(&numbered(index)).await.unwrap();
        assert_eq!(left, index != winner);
    }
}

/// R14: A `rename` and a write of the same version never both succeed; the one that did is seen.
pub async fn a_racing_write_and_rename_exclude_each_other(store: Tested<dyn Store>) {
    for round in 0..20 {
        let (from, to) = (numbered(round), key(format!("to {round}")));
        let version = store.put(&from, b"x").await;
        let (mover, writer) = (store.clone(), store.clone());
        let rename = async move { mover.try_rename(&from, &to, &MOVED, version).await };
        let when = Precondition::Version(version);
        let write = async move { writer.try_put(&from, b"written", when).await };
        let (renamed, written) = duel(rename, write).await;
        match (renamed, written) {
            (SetOutcome::Stored(_), SetOutcome::Conflict | SetOutcome::Missing) => {
                store.assert_gone(&from).await;
                assert_eq!(store.found(&to).await.data, MOVED.data);
            }
            (SetOutcome::Conflict, SetOutcome::Stored(_)) => {
                assert_eq!(store.found(&from).await.data, "written");
                store.assert_gone(&to).await;
            }
            neither => panic!("exactly one must win: {neither:?}"),
        }
    }
}

/// R15: A `rename` that races with a `delete` is `Stored` and `to` exists, or `Missing` and it does not.
pub async fn a_racing_delete_leaves_no_doubt(store: Tested<dyn Store>) {
    for round in 0..20 {
        let (from, to) = (numbered(round), key(format!("to {round}")));
        let version = store.put(&from, b"x").await;
        let (mover, remover) = (store.clone(), store.clone());
        let rename = async move { mover.try_rename(&from, &to, &MOVED, version).await };
        let remove = async move { remover.delete(&from).await };
        let (renamed, removed) = duel(rename, remove).await;
        store.assert_gone(&from).await;
        match renamed {
            SetOutcome::Stored(version) => assert_eq!(store.found(&to).await.version, version),
            SetOutcome::Missing => {
                assert!(removed.unwrap(), "somebody removed it");
                store.assert_gone(&to).await;
            }
            SetOutcome::Conflict => panic!("nobody else writes"),
        }
    }
}

/// R16: Whoever no longer finds `from` while it is renamed finds `to`.
pub async fn one_of_both_is_always_there(store: Tested<dyn Store>) {
    for round in 0..20 {
        let (from, to) = (numbered(round), key(format!("to {round}")));
        let version = store.put(&from, b"x").await;
        let (mover, reader) = (store.clone(), store.clone());
        let rename = async move { mover.try_rename(&from, &to, &MOVED, version).await };
        let read = async move {
            while reader.exists(&from).await.unwrap() {
                yield_now().await;
            }
            reader.found(&to).await
        };
        let (renamed, found) = duel(rename, read).await;
        assert_eq!(renamed, SetOutcome::Stored(found.version));
    }
}

/// The one that was stored; all others met a conflict.
fn only_winner(outcomes: &[(usize, SetOutcome)]) -> usize {
    let (won, lost): (Vec<_>, Vec<_>) =
        (outcomes.iter()).partition(|(_, outcome)| matches!(outcome, SetOutcome::Stored(_)));
    assert_eq!(won.len(), 1, "exactly one wins");
    assert!(
        lost.iter()
            .all(|(_, outcome)| *outcome == SetOutcome::Conflict)
    );
    won[0].0
}
