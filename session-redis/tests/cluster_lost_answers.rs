//! What an operation in a cluster says whose answer was lost with its connection, though a node did it; and
//! that whatever lives then is in its owner's index.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use server::{
    records::{RECORD, assert_kind, assert_listed, create, found},
    relayed::{Relayed, index, name},
    ttl, version,
};
use session_core::{
    NewRecord, OwnerIndex as _, Precondition, SetOutcome, Store as _, StoreError, StoreErrorKind,
    StoreKey,
};
use session_redis::RedisStore;
use session_test_servers::Hold;
use tokio::task::JoinHandle;

/// An operation that has lost the answer to its write.
struct Lost<T> {
    answer: JoinHandle<T>,
    /// Holds the write back when it is sent again.
    again: Hold,
}

impl<T> Lost<T> {
    async fn released(self) -> T {
        self.again.release();
        self.answer.await.unwrap()
    }
}

/// Loses the answer to the write that follows once the owner's index has the record.
async fn lose<T: Send + 'static>(
    cluster: &Relayed,
    key: StoreKey,
    operation: impl Future<Output = T> + Send + 'static,
) -> Lost<T> {
    let (name, index) = (name(&key), index("alice"));
    let relay = cluster.relay_of(&name).await;
    let to_index = cluster.relay_of(&index).await;
    let to_index = to_index.hold(&[&index, key.as_bytes()]);
    let answer = tokio::spawn(operation);
    to_index.reached();
    let lost = relay.lost();
    relay.lose_answer_to(&name);
    let again = relay.hold(&[&name]);
    to_index.release();
    again.reached();
    assert_eq!(relay.lost(), lost + 1);
    Lost { answer, again }
}

fn creating(
    store: &RedisStore,
    key: StoreKey,
) -> impl Future<Output = Result<SetOutcome, StoreError>> + Send + 'static {
    let store = store.clone();
    async move { store.set(&key, &RECORD, ttl(), Precondition::Absent).await }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_done_is_found_out_or_not_claimed() {
    let Some(cluster) = Relayed::start() else {
        return;
    };
    let (store, witness) = (cluster.open().await, cluster.open().await);
    let ttl = ttl();
    /// Loses the answer to what is first said of this record.
    macro_rules! lost {
        ($key:expr, $operation:expr) => {{
            let name = name(&$key);
            let relay = cluster.relay_of(&name).await;
            let lost = relay.lost();
            relay.lose_answer_to(&name);
            let answer = $operation.await;
            assert_eq!(relay.lost(), lost + 1);
            answer
        }};
    }
    macro_rules! refused {
        ($key:expr, $operation:expr) => {
            assert_kind(lost!($key, $operation), StoreErrorKind::Unavailable)
        };
    }

    // On whatever nodes the two lie.
    for round in 0..6 {
        let [a, b] = ["a", "b"].map(|key| StoreKey::digest(format!("{key} {round}").as_bytes()));
        let created = lose(&cluster, a, creating(&store, a)).await;
        let created = version(created.released().await.unwrap());
        assert_eq!(found(&witness, &a).await.version, created);

        let when = Precondition::Version(created);
        let swapped = version(lost!(a, store.set(&a, &RECORD, ttl, when)).unwrap());
        assert_eq!(found(&witness, &a).await.version, swapped);
        // The refusal could be owed to a first run that succeeded and was overwritten since.
        refused!(a, store.set(&a, &RECORD, ttl, when));
        refused!(b, store.set(&b, &RECORD, ttl, when));
        refused!(a, store.set(&a, &RECORD, ttl, Precondition::Absent));

        assert_eq!(lost!(a, store.get(&a)).unwrap().unwrap().version, swapped);
        assert!(lost!(a, store.expire(&a, ttl)).unwrap());
        // The step that decides.
        let moved = lost!(a, store.rename(&a, &b, &RECORD, ttl, swapped));
        let moved = version(moved.unwrap());
        assert_eq!(found(&witness, &b).await.version, moved);
        assert!(witness.get(&a).await.unwrap().is_none());
        // The one before it.
        refused!(b, store.rename(&a, &b, &RECORD, ttl, swapped));
        let back = lost!(a, store.rename(&b, &a, &RECORD, ttl, moved));
        assert_eq!(found(&witness, &a).await.version, version(back.unwrap()));
        assert!(witness.get(&b).await.unwrap().is_none());
        assert_eq!(witness.list("alice").await.unwrap().len(), 1);

        refused!(a, store.delete(&a));
        assert!(witness.get(&a).await.unwrap().is_none());

        let old = create(&witness, &a).await;
        refused!(a, store.set(&a, &RECORD, ttl, Precondition::Any));
        assert_ne!(found(&witness, &a).await.version, old);
        // It is gone for certain; how many there were, nobody knows.
        refused!(a, store.delete_owner("alice", None));
        assert!(witness.list("alice").await.unwrap().is_empty());
        create(&witness, &a).await;
        assert_listed(&witness, &[a, b]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_creation_that_somebody_changed_meanwhile_is_listed_and_no_conflict() {
    let Some(cluster) = Relayed::start() else {
        return;
    };
    let (creator, other) = (cluster.open().await, cluster.open().await);
    for round in 0_u32..4 {
        let key = StoreKey::digest(&round.to_be_bytes());
        let lost = lose(&cluster, key, creating(&creator, key)).await;
        let when = Precondition::Version(found(&other, &key).await.version);
        let changed = other.set(&key, &RECORD, ttl(), when).await;
        let changed = version(changed.unwrap());
        let answer = lost.released().await;
        let claims_to_be_late = matches!(answer, Ok(SetOutcome::Conflict | SetOutcome::Missing));
        assert!(!claims_to_be_late, "it was there first: {answer:?}");
        assert_eq!(found(&other, &key).await.version, changed);
        assert_listed(&other, &[key]).await;
    }
}

/// A record that its owner's sign-out everywhere has removed, with its entry of the index, may come back: then
/// the next sign-out has to find it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_creation_that_is_sent_again_after_a_delete_owner_is_listed() {
    let Some(cluster) = Relayed::start() else {
        return;
    };
    let (creator, ender) = (cluster.open().await, cluster.open().await);
    for round in 0_u32..4 {
        let key = StoreKey::digest(&round.to_be_bytes());
        let lost = lose(&cluster, key, creating(&creator, key)).await;
        assert_eq!(ender.delete_owner("alice", None).await.unwrap(), 1);
        let answer = lost.released().await;
        let lives = ender.get(&key).await.unwrap().is_some();
        let stored = matches!(answer, Ok(SetOutcome::Stored(_)));
        assert!(lives || !stored, "{answer:?}");
        assert_listed(&ender, &[key]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_somebody_else_ended_meanwhile_is_not_denied() {
    let Some(cluster) = Relayed::start() else {
        return;
    };
    let (mover, other) = (cluster.open().await, cluster.open().await);
    for round in 0..4 {
        let [from, to] =
            ["from", "to"].map(|key| StoreKey::digest(format!("{key} {round}").as_bytes()));
        let old = create(&mover, &from).await;
        let relay = cluster.relay_of(&name(&from)).await;
        // The step that decides is the first that names it.
        relay.lose_answer_to(&name(&from));
        let again = relay.hold(&[&name(&from), to.as_bytes()]);
        let mover = mover.clone();
        let answer =
            tokio::spawn(async move { mover.rename(&from, &to, &RECORD, ttl(), old).await });
        again.reached();
        // Who finds it half done does the rest.
        let moved = found(&other, &to).await.version;
        let lost = Lost { answer, again };
        match lost.released().await {
            Ok(outcome) => assert_eq!(outcome, SetOutcome::Stored(moved)),
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}"),
        }
        assert_eq!(found(&other, &to).await.version, moved);
        assert_listed(&other, &[from, to]).await;
    }
}

/// Adds this letter to what the record has, by compare and swap until it wins. After an error it looks whether
/// it has won.
async fn add(store: &RedisStore, key: &StoreKey, letter: u8) {
    loop {
        let found = found(store, key).await;
        let data = [&found.data[..], &[letter]].concat();
        let record = NewRecord::new(&data).owner(Some("alice"));
        let when = Precondition::Version(found.version);
        match store.set(key, &record, ttl(), when).await {
            Ok(SetOutcome::Stored(_)) => return,
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
                if self::found(store, key).await.data.contains(&letter) {
                    return;
                }
            }
        }
    }
}

/// Two requests of a visitor who signs in, each of which adds something to the session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_change_by_compare_and_swap_is_made_twice_and_its_record_is_listed() {
    let Some(cluster) = Relayed::start() else {
        return;
    };
    let (one, other) = (cluster.open().await, cluster.open().await);
    for round in 0_u32..4 {
        let key = StoreKey::digest(&round.to_be_bytes());
        let nobodys = NewRecord::new(b"");
        let created = other.set(&key, &nobodys, ttl(), Precondition::Absent).await;
        version(created.unwrap());
        let writer = one.clone();
        let adding = async move { add(&writer, &key, b'a').await };
        let lost = lose(&cluster, key, adding).await;
        add(&other, &key, b'b').await;
        lost.released().await;
        assert_eq!(found(&other, &key).await.data, "ab");
        assert_listed(&other, &[key]).await;
    }
}
