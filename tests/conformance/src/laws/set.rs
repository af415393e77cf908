//! S: writing.

use session_core::{NewRecord, Precondition, SetOutcome, Store, StoreKey, Ttl};

use crate::{
    Tested,
    steps::{LONG, LONGER, SHORTER, Steps as _, key, numbered, owned, race},
};

/// S1: `set` with `Any` creates.
pub async fn any_creates(store: Tested<dyn Store>) {
    let key = key("new");
    store.put(&key, b"first").await;
    assert_eq!(store.found(&key).await.data, "first");
}

/// S2: `set` replaces the data whole.
pub async fn set_replaces_the_data(store: Tested<dyn Store>) {
    let key = key("rewritten");
    for data in ["a long text", "short", "", "longer than all before it"] {
        store.put(&key, data.as_bytes()).await;
        assert_eq!(store.found(&key).await.data, data);
    }
}

/// S3: `set` replaces the owner whole; with none it takes the owner away.
pub async fn set_replaces_the_owner(store: Tested<dyn Store>) {
    let key = key("handed on");
    let mut version = store.put(&key, b"x").await;
    for owner in [Some("ada"), Some("bob"), None, Some("cleo"), None] {
        let record = NewRecord::new(b"x").owner(owner);
        let when = Precondition::Version(version);
        version = store.write(&key, &record, LONG, when).await;
        assert_eq!(store.found(&key).await.owner.as_deref(), owner);
    }
}

/// S4: `set` resets the time to live to a longer one.
pub async fn set_lengthens_the_time_to_live(store: Tested<dyn Store>) {
    reset(&store, LONG, LONGER).await;
}

/// S5: `set` resets the time to live to a shorter one.
pub async fn set_shortens_the_time_to_live(store: Tested<dyn Store>) {
    reset(&store, LONG, SHORTER).await;
}

/// S6: `set` with `Absent` creates where nothing is.
pub async fn absent_creates(store: Tested<dyn Store>) {
    let key = key("new");
    let outcome = store.try_put(&key, b"first", Precondition::Absent).await;
    let record = store.found(&key).await;
    assert_eq!(outcome, SetOutcome::Stored(record.version));
    assert_eq!(record.data, "first");
}

/// S7: `set` with `Absent` on a living record is `Conflict` and changes nothing.
pub async fn absent_conflicts_with_the_living(store: Tested<dyn Store>) {
    refused(&store, Precondition::Absent).await;
}

/// S8: Of N concurrent creators exactly one wins, the others are told `Conflict`.
pub async fn one_creator_wins(store: Tested<dyn Store>) {
    let key = key("contested");
    compete(&store, &key, Precondition::Absent).await;
}

/// S9: `set` with `Version` writes a record that has this version.
pub async fn version_writes_at_that_version(store: Tested<dyn Store>) {
    let key = key("swapped");
    let mut version = store.put(&key, b"0").await;
    for data in ["1", "2", "3"] {
        let when = Precondition::Version(version);
        let record = NewRecord::new(data.as_bytes());
        version = store.write(&key, &record, LONG, when).await;
        assert_eq!(store.found(&key).await.data, data);
    }
}

/// S10: `set` with `Version` at another version is `Conflict` and changes nothing.
pub async fn version_conflicts_at_another(store: Tested<dyn Store>) {
    let stale = store.put(&key("kept"), b"before").await;
    refused(&store, Precondition::Version(stale)).await;
}

/// S11: `set` with `Version` on an absent key is `Missing` and creates nothing.
pub async fn version_of_absent_is_missing(store: Tested<dyn Store>) {
    let version = store.put(&key("another"), b"x").await;
    let when = Precondition::Version(version);
    let outcome = store.try_put(&key("absent"), b"y", when).await;
    assert_eq!(outcome, SetOutcome::Missing);
    store.assert_gone(&key("absent")).await;
}

/// S12: `set` with `Version` on a deleted record is `Missing` and revives nothing.
pub async fn version_of_deleted_is_missing(store: Tested<dyn Store>) {
    let key = key("deleted");
    let version = store.put(&key, b"x").await;
    store.delete(&key).await.unwrap();
    let outcome = store.try_put(&key, b"y", Precondition::Version(version));
    assert_eq!(outcome.await, SetOutcome::Missing);
    store.assert_gone(&key).await;
}

/// S13: Of N concurrent writers of one version exactly one wins, the others are told `Conflict`.
pub async fn one_writer_of_a_version_wins(store: Tested<dyn Store>) {
    let key = key("contested");
    for _ in 0..3 {
        let version = store.put(&key, b"start").await;
        compete(&store, &key, Precondition::Version(version)).await;
    }
}

/// S14: 64 concurrent increments by compare and swap, each retried until it wins, make 64.
pub async fn increments_add_up(store: Tested<dyn Store>) {
    let counter = key("counter");
    store.put(&counter, &[0]).await;
    let shared = store.clone();
    race(64, move |_| {
        let store = shared.clone();
        async move {
            loop {
                let record = store.found(&counter).await;
                let next = [record.data[0] + 1];
                let when = Precondition::Version(record.version);
                if let SetOutcome::Stored(_) = store.try_put(&counter, &next, when).await {
                    break;
                }
            }
        }
    })
    .await;
    assert_eq!(store.found(&counter).await.data[..], [64]);
}

/// S15: `set` leaves other keys alone.
pub async fn set_leaves_other_keys_alone(store: Tested<dyn Store>) {
    let mut versions = Vec::new();
    for index in 0..8 {
        let data = [index as u8];
        versions.push(store.put(&numbered(index), &data).await);
    }
    store.put(&numbered(3), b"rewritten").await;
    store.put(&key("one more"), b"new").await;
    for index in (0..8).filter(|index| *index != 3) {
        let record = store.found(&numbered(index)).await;
        assert_eq!(record.version, versions[index]);
        assert_eq!(record.data[..], [index as u8]);
    }
}

async fn reset(store: &Tested<dyn Store>, first: Ttl, second: Ttl) {
    let (key, record) = (key("renewed"), NewRecord::new(b"x"));
    store.write(&key, &record, first, Precondition::Any).await;
    store.write(&key, &record, second, Precondition::Any).await;
    store.assert_left(&key, second).await;
    let version = store.write(&key, &record, first, Precondition::Any).await;
    let swap = Precondition::Version(version);
    store.write(&key, &record, second, swap).await;
    store.assert_left(&key, second).await;
}

/// A `set` under this precondition meets a record that it must leave as it is.
async fn refused(store: &Tested<dyn Store>, when: Precondition) {
    let key = key("kept");
    let version = store.put_owned(&key, "ada").await;
    let record = owned(b"refused", "bob");
    let outcome = store.set(&key, &record, SHORTER, when).await.unwrap();
    assert_eq!(outcome, SetOutcome::Conflict);
    let kept = store.found(&key).await;
    assert_eq!(kept.version, version);
    assert_eq!(kept.data, "owned");
    assert_eq!(kept.owner.as_deref(), Some("ada"));
    store.assert_left(&key, LONG).await;
}

/// Many write at once under this precondition, and what one of them wrote is there.
async fn compete(store: &Tested<dyn Store>, key: &StoreKey, when: Precondition) {
    let (shared, contested) = (store.clone(), *key);
    let outcomes = race(32, move |index| {
        let store = shared.clone();
        async move { (index, store.try_put(&contested, &[index as u8], when).await) }
    });
    let (won, lost): (Vec<_>, Vec<_>) = (outcomes.await.into_iter())
        .partition(|(_, outcome)| matches!(outcome, SetOutcome::Stored(_)));
    assert_eq!(won.len(), 1, "exactly one wins");
    assert!(
        lost.iter()
            .all(|(_, outcome)| *outcome == SetOutcome::Conflict)
    );
    let (winner, outcome) = won[0];
    let record = store.found(key).await;
    assert_eq!(outcome, SetOutcome::Stored(record.version));
    assert_eq!(record.data[..], [winner as u8]);
}
