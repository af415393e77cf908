//! Many writers at once: one winner, nothing lost, nothing revived.

mod fixture;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use fixture::{LONG, is_stored, key, put, put_for, together};
use session_core::{Maintain as _, NewRecord, OwnerIndex as _, Precondition, Store as _};
use session_memory::MemoryStore;

const TASKS: usize = 64;
const ROUNDS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn one_of_64_creators_wins() {
    let store = MemoryStore::new();
    let outcomes = together(TASKS, {
        let store = store.clone();
        move |_| {
            let store = store.clone();
            async move {
                let mut won = Vec::new();
                for round in 0..ROUNDS {
                    let (key, record) = (key(round), NewRecord::new(b"x"));
                    let set = store.set(&key, &record, LONG, Precondition::Absent).await;
                    won.push(is_stored(&set.unwrap()));
                }
                won
            }
        }
    })
    .await;
    for round in 0..ROUNDS {
        assert_eq!(outcomes.iter().filter(|won| won[round]).count(), 1);
    }
    assert_eq!(store.count().await.unwrap(), ROUNDS as u64);
}

/// Data of alternating sizes, so that some writes go in place and some through moka.
fn counter(value: u64) -> Vec<u8> {
    let mut data = value.to_le_bytes().to_vec();
    data.resize(8 + (value as usize % 3) * 400, 0);
    data
}

#[expect(clippy::unwrap_used, reason = "a test's helper")]
fn value(data: &[u8]) -> u64 {
    u64::from_le_bytes(data[..8].try_into().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn increments_by_64_writers_all_count() {
    let store = MemoryStore::new();
    put(&store, &key(0), &counter(0), LONG).await;
    together(TASKS, {
        let store = store.clone();
        move |task| {
            let store = store.clone();
            async move {
                let owner = ["alice", "bob", "carol"][task % 3];
                for _ in 0..20 {
                    loop {
                        let old = store.get(&key(0)).await.unwrap().unwrap();
                        let new = counter(value(&old.data) + 1);
                        let new = NewRecord::new(&new).owner(Some(owner));
                        let when = Precondition::Version(old.version);
                        if is_stored(&store.set(&key(0), &new, LONG, when).await.unwrap()) {
                            break;
                        }
                    }
                }
            }
        }
    })
    .await;
    let last = store.get(&key(0)).await.unwrap().unwrap();
    assert_eq!(value(&last.data), 20 * TASKS as u64);
    let mut listed = 0;
    for owner in ["alice", "bob", "carol"] {
        listed += store.list(owner).await.unwrap().len();
    }
    assert_eq!(listed, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_deletion_is_one_callers() {
    let store = MemoryStore::new();
    for number in 0..ROUNDS {
        put(&store, &key(number), b"x", LONG).await;
    }
    let deleted = together(TASKS, {
        let store = store.clone();
        move |_| {
            let store = store.clone();
            async move {
                let mut deleted = 0;
                for number in 0..ROUNDS {
                    deleted += usize::from(store.delete(&key(number)).await.unwrap());
                }
                deleted
            }
        }
    })
    .await;
    assert_eq!(deleted.iter().sum::<usize>(), ROUNDS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_never_revives_what_a_delete_has_taken() {
    for round in 0..ROUNDS {
        let store = MemoryStore::new();
        let version = put_for(&store, &key(0), b"x", Some("alice"), LONG).await;
        let asked = Arc::new(AtomicBool::new(false));
        let right = together(8, {
            let (store, asked) = (store.clone(), asked);
            move |task| {
                let (store, asked) = (store.clone(), Arc::clone(&asked));
                async move {
                    if task == 0 {
                        let owners = round % 2 == 0;
                        let taken = if owners {
                            store.delete_owner("alice", None).await.unwrap() == 1
                        } else {
                            store.delete(&key(0)).await.unwrap()
                        };
                        asked.store(true, Ordering::SeqCst);
                        return taken;
                    }
                    let mut version = version;
                    loop {
                        let gone = asked.load(Ordering::SeqCst);
                        let data = vec![0; task * 300];
                        let record = NewRecord::new(&data).owner(Some("alice"));
                        let when = Precondition::Version(version);
                        let set = store.set(&key(0), &record, LONG, when).await.unwrap();
                        let renewed = store.expire(&key(0), LONG).await.unwrap();
                        let read = store.get(&key(0)).await.unwrap();
                        if gone {
                            return !is_stored(&set) && !renewed && read.is_none();
                        }
                        if let Some(record) = read {
                            version = record.version;
                        }
                    }
                }
            }
        })
        .await;
        assert_eq!(right, [true; 8]);
        assert_eq!(store.count().await.unwrap(), 0);
        assert!(store.list("alice").await.unwrap().is_empty());
    }
}
