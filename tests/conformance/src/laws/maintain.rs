//! M: housekeeping.

use std::collections::HashSet;

use session_core::{NewRecord, Precondition, SetOutcome, StoreKey};
use tokio::task::yield_now;

use crate::{
    MaintainedStore, Tested,
    steps::{LONG, Steps as _, breathe, duel, key, millis, moving, numbered},
};

const RECORD: NewRecord<'_> = NewRecord::new(b"x");

/// Enough for any law to be purged at once.
const ALL: u32 = 1000;

/// M1: `purge_expired` leaves every living record.
pub async fn purge_leaves_the_living(store: Tested<dyn MaintainedStore>) {
    some_expired(&store).await;
    for index in 0..8 {
        store.put(&numbered(index), b"living").await;
    }
    store.purge_expired(ALL).await.unwrap();
    for index in 0..8 {
        assert_eq!(store.found(&numbered(index)).await.data, "living");
    }
}

/// M2: `purge_expired` removes at most `limit` records at a time.
pub async fn purge_keeps_its_limit(store: Tested<dyn MaintainedStore>) {
    some_expired(&store).await;
    for limit in [0, 1, 2, 1] {
        let removed = store.purge_expired(limit).await.unwrap();
        assert!(removed <= u64::from(limit), "{removed} of at most {limit}");
    }
}

/// M3: `purge_expired` never counts a record that has not expired, nor one of them twice.
pub async fn purge_counts_the_expired_only(store: Tested<dyn MaintainedStore>) {
    let expired = some_expired(&store).await;
    for index in 0..8 {
        store.put(&numbered(index), b"living").await;
    }
    let mut removed = 0;
    for _ in 0..4 {
        removed += store.purge_expired(ALL).await.unwrap();
    }
    assert!(removed <= expired, "{removed} removed, {expired} expired");
}

/// M4: A `purge_expired` that removes fewer than `limit` left none: the next one finds nothing.
pub async fn purging_ends(store: Tested<dyn MaintainedStore>) {
    let expired = some_expired(&store).await;
    store.put(&key("living"), b"x").await;
    let mut calls = 0;
    while store.purge_expired(2).await.unwrap() == 2 {
        calls += 1;
        assert!(calls <= expired, "it never ends");
    }
    assert_eq!(store.purge_expired(2).await.unwrap(), 0);
}

/// M5: `purge_expired` never takes a record that is created anew over an expired one meanwhile.
pub async fn purge_spares_the_recreated(store: Tested<dyn MaintainedStore>) {
    for _ in 0..4 {
        let count = some_expired(&store).await as usize;
        let (purger, writer) = (store.clone(), store.clone());
        let purge = async move { purger.purge_expired(ALL).await.unwrap() };
        let create = async move {
            for index in 0..count {
                writer.put(&expiring(index), b"new").await;
                yield_now().await;
            }
        };
        duel(purge, create).await;
        for index in 0..count {
            assert_eq!(store.found(&expiring(index)).await.data, "new");
        }
    }
}

/// M6: `purge_expired` never takes a record that is renewed in its last moment.
pub async fn purge_spares_the_renewed(store: Tested<dyn MaintainedStore>) {
    let (key, ttl) = (key("renewed"), millis(3));
    for _ in 0..20 {
        store.write(&key, &RECORD, ttl, Precondition::Any).await;
        let (purger, renewer) = (store.clone(), store.clone());
        let purge = async move {
            for _ in 0..8 {
                purger.purge_expired(ALL).await.unwrap();
                yield_now().await;
            }
        };
        let renew = async move { renewer.expire(&key, LONG).await.unwrap() };
        let ((), renewed) = duel(purge, renew).await;
        assert_eq!(store.exists(&key).await.unwrap(), renewed);
    }
}

/// M7: `delete_all` removes every record.
pub async fn delete_all_empties(store: Tested<dyn MaintainedStore>) {
    for index in 0..8 {
        store.put_owned(&numbered(index), "ada").await;
    }
    store.delete_all().await.unwrap();
    for index in 0..8 {
        store.assert_gone(&numbered(index)).await;
    }
    assert_eq!(store.count().await.unwrap(), 0);
}

/// M8: `delete_all` returns the number of living records, the expired not counted.
pub async fn delete_all_counts_the_living(store: Tested<dyn MaintainedStore>) {
    assert_eq!(store.delete_all().await.unwrap(), 0);
    some_expired(&store).await;
    for index in 0..5 {
        store.put(&numbered(index), b"x").await;
    }
    assert_eq!(store.delete_all().await.unwrap(), 5);
    assert_eq!(store.delete_all().await.unwrap(), 0);
}

/// M9: `count` counts the living only.
pub async fn count_counts_the_living(store: Tested<dyn MaintainedStore>) {
    assert_eq!(store.count().await.unwrap(), 0);
    some_expired(&store).await;
    assert_eq!(store.count().await.unwrap(), 0);
    store.put(&key("living"), b"x").await;
    assert_eq!(store.count().await.unwrap(), 1);
}

/// M10: `count` follows every creation, replacement, `rename` and `delete`.
pub async fn count_follows(store: Tested<dyn MaintainedStore>) {
    let version = store.put(&key("a"), b"x").await;
    store.put(&key("b"), b"x").await;
    assert_eq!(store.count().await.unwrap(), 2);
    store.put(&key("b"), b"again").await;
    assert_eq!(store.count().await.unwrap(), 2);
    let outcome = store
        .try_rename(&key("a"), &key("c"), &RECORD, version)
        .await;
    let _ = outcome;
    assert_eq!(store.count().await.unwrap(), 2);
    store.delete(&key("b")).await.unwrap();
    assert_eq!(store.count().await.unwrap(), 1);
}

/// M11: No version returns after `delete_all`, and the store works on.
pub async fn no_version_returns_after_delete_all(store: Tested<dyn MaintainedStore>) {
    let mut seen = HashSet::new();
    for _ in 0..8 {
        assert!(
            seen.insert(store.put(&key("again"), b"same").await),
            "seen before"
        );
        store.delete_all().await.unwrap();
    }
    store.put(&key("again"), b"same").await;
    assert_eq!(store.count().await.unwrap(), 1);
}

/// M12: No version returns after `purge_expired`.
pub async fn no_version_returns_after_purge(store: Tested<dyn MaintainedStore>) {
    let mut seen = HashSet::new();
    for _ in 0..4 {
        let version = store.let_expire(&key("again"), &RECORD).await;
        assert!(seen.insert(version), "seen before");
        store.purge_expired(ALL).await.unwrap();
    }
}

/// M13: `delete_all` removes a record that is renamed meanwhile too.
pub async fn a_racing_rename_escapes_no_delete_all(store: Tested<dyn MaintainedStore>) {
    for round in 0..20 {
        let mut moves = Vec::new();
        for index in 0..4 {
            let (from, to) = moving(round, index);
            moves.push((from, to, store.put(&from, b"x").await));
        }
        let (mover, remover) = (store.clone(), store.clone());
        let rename = async move {
            for (from, to, version) in moves {
                let outcome = mover.try_rename(&from, &to, &RECORD, version).await;
                assert_ne!(outcome, SetOutcome::Conflict, "nobody else writes");
                breathe(round).await;
            }
        };
        let remove = async move { remover.delete_all().await.unwrap() };
        let ((), removed) = duel(rename, remove).await;
        assert_eq!(removed, 4, "each lived, under one key or the other");
        assert_eq!(store.count().await.unwrap(), 0);
    }
}

fn expiring(index: usize) -> StoreKey {
    key(format!("expiring {index}"))
}

/// Lets five records expire together; how many.
async fn some_expired(store: &Tested<dyn MaintainedStore>) -> u64 {
    for index in 1..5 {
        let ttl = millis(1);
        store
            .write(&expiring(index), &RECORD, ttl, Precondition::Any)
            .await;
    }
    store.let_expire(&expiring(0), &RECORD).await;
    5
}
