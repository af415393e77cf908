//! T: a rename that is one step.

use session_core::{SetOutcome, Store};

use crate::{
    Tested,
    steps::{Steps as _, cut_off, duel, key, numbered, owned},
};

/// T1: Of a `rename` and a racing `delete` of `from` exactly one succeeds: no logout is undone.
pub async fn a_racing_delete_is_not_undone(store: Tested<dyn Store>) {
    for round in 0..40 {
        let (from, to) = (numbered(round), key(format!("to {round}")));
        let version = store.put(&from, b"x").await;
        let (mover, remover) = (store.clone(), store.clone());
        let record = owned(b"moved", "bob");
        let rename = async move { mover.try_rename(&from, &to, &record, version).await };
        let remove = async move { remover.delete(&from).await };
        let (renamed, removed) = duel(rename, remove).await;
        let renamed = matches!(renamed, SetOutcome::Stored(_));
        assert_ne!(renamed, removed.unwrap(), "both or neither succeeded");
        assert_eq!(store.exists(&to).await.unwrap(), renamed);
    }
}

/// T2: A `rename` that is cut off moved the record or did not: exactly one of both is there.
pub async fn a_cut_off_rename_moved_or_did_not(store: Tested<dyn Store>) {
    for polls in 0..64 {
        let (from, to) = (numbered(polls), key(format!("to {polls}")));
        let version = store.put(&from, b"x").await;
        let record = owned(b"moved", "bob");
        let rename = store.try_rename(&from, &to, &record, version);
        let done = cut_off(polls, rename).await.is_some();
        // What was cut off may still happen, between these reads too; then `from` is gone next.
        let stayed = store.exists(&from).await.unwrap();
        let came = store.exists(&to).await.unwrap();
        assert!(stayed || came, "both are gone");
        if stayed && came {
            store.assert_gone(&from).await;
        }
        if done {
            assert!(came, "it was done");
            return;
        }
    }
}
