//! Records on the move while others write, delete and sign out.

mod fixture;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use fixture::{LONG, assert_evicted, is_stored, key, put_for, small, together};
use session_core::{Maintain as _, NewRecord, OwnerIndex as _, Precondition, Store as _};
use session_memory::MemoryStore;

const TASKS: usize = 64;
const ROUNDS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_races_with_deletes_and_writes_and_one_of_them_wins() {
    for round in 0..ROUNDS {
        let store = MemoryStore::new();
        let version = put_for(&store, &key(0), b"x", Some("alice"), LONG).await;
        let won = together(9, {
            let store = store.clone();
            move |task| {
                let store = store.clone();
                async move {
                    let data = vec![0; task * 200];
                    let record = NewRecord::new(&data).owner(Some("alice"));
                    let when = Precondition::Version(version);
                    let (from, to) = (key(0), key(1 + task));
                    match (task % 3, round % 2) {
                        (0, _) => {
                            let renamed = store.rename(&from, &to, &record, LONG, version);
                            is_stored(&renamed.await.unwrap())
                        }
                        (1, _) => is_stored(&store.set(&from, &record, LONG, when).await.unwrap()),
                        // These two also win against a write, which comes before them then.
                        (_, 0) => store.delete(&from).await.unwrap(),
                        _ => store.delete_owner("alice", None).await.unwrap() > 0,
                    }
                }
            }
        })
        .await;
        let count = |kind| won.iter().skip(kind).step_by(3).filter(|won| **won).count();
        let (renames, writes, deletes) = (count(0), count(1), count(2));
        assert!(
            renames + writes <= 1,
            "{renames} renames and {writes} writes of one version"
        );
        let mut left = 0;
        for number in 0..10 {
            left += usize::from(store.exists(&key(number)).await.unwrap());
        }
        if round % 2 == 0 {
            // A delete by key takes what is still there; it never takes the renamed one.
            assert_eq!(renames + deletes, 1);
            assert_eq!(left, renames);
        } else {
            // The owner's sessions end wherever they have moved to.
            assert_eq!((deletes, left), (1, 0));
        }
        assert_eq!(store.list("alice").await.unwrap().len(), left);
        assert_eq!(store.count().await.unwrap(), left as u64);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_keep_moving_cannot_escape_a_sign_out_everywhere() {
    const MOVERS: usize = 3;
    for round in 0..ROUNDS {
        let store = MemoryStore::new();
        for mover in 1..=MOVERS {
            put_for(&store, &key(mover << 32), b"x", Some("alice"), LONG).await;
        }
        let moves = Arc::new(AtomicUsize::new(0));
        let signed_out = Arc::new(AtomicBool::new(false));
        let ended = together(1 + MOVERS, {
            let (store, moves, signed_out) = (store.clone(), moves, Arc::clone(&signed_out));
            move |task| {
                let (store, moves) = (store.clone(), Arc::clone(&moves));
                let signed_out = Arc::clone(&signed_out);
                async move {
                    if task == 0 {
                        while moves.load(Ordering::SeqCst) < 20 {
                            std::hint::spin_loop();
                        }
                        let ended = if round % 2 == 0 {
                            store.delete_owner("alice", None).await.unwrap()
                        } else {
                            store.delete_all().await.unwrap()
                        };
                        signed_out.store(true, Ordering::SeqCst);
                        return ended;
                    }
                    let record = NewRecord::new(b"x").owner(Some("alice"));
                    for number in task << 32.. {
                        let too_late = signed_out.load(Ordering::SeqCst);
                        let (from, to) = (key(number), key(number + 1));
                        let Some(old) = store.get(&from).await.unwrap() else {
                            break;
                        };
                        assert!(!too_late, "it lives on");
                        let renamed = store.rename(&from, &to, &record, LONG, old.version);
                        if !is_stored(&renamed.await.unwrap()) {
                            break;
                        }
                        moves.fetch_add(1, Ordering::SeqCst);
                    }
                    0
                }
            }
        })
        .await;
        assert_eq!(ended[0], MOVERS as u64);
        assert_eq!(store.count().await.unwrap(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_each_moving_session_once() {
    const MOVERS: usize = 3;
    let store = MemoryStore::new();
    for mover in 1..=MOVERS {
        put_for(&store, &key(mover << 32), b"x", Some("alice"), LONG).await;
    }
    let done = Arc::new(AtomicBool::new(false));
    let wrong = together(1 + MOVERS, {
        let (store, done) = (store.clone(), done);
        move |task| {
            let (store, done) = (store.clone(), Arc::clone(&done));
            async move {
                if task == 0 {
                    let mut wrong = 0;
                    for _ in 0..5000 {
                        let listed = store.list("alice").await.unwrap();
                        wrong += usize::from(listed.len() != MOVERS);
                    }
                    done.store(true, Ordering::SeqCst);
                    return wrong;
                }
                let record = NewRecord::new(b"x").owner(Some("alice"));
                let mut number = task << 32;
                while !done.load(Ordering::SeqCst) {
                    let (from, to) = (key(number), key(number + 1));
                    let old = store.get(&from).await.unwrap().unwrap();
                    let renamed = store.rename(&from, &to, &record, LONG, old.version);
                    assert!(is_stored(&renamed.await.unwrap()));
                    number += 1;
                }
                0
            }
        }
    })
    .await;
    assert_eq!(wrong, [0; 1 + MOVERS]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_without_room_for_two_is_not_cut_short_by_an_eviction() {
    let store = small(10_000);
    put_for(&store, &key(0), &[7; 8000], Some("alice"), LONG).await;
    let done = Arc::new(AtomicBool::new(false));
    together(2, {
        let (store, done) = (store.clone(), done);
        move |task| {
            let (store, done) = (store.clone(), Arc::clone(&done));
            async move {
                let data = [7; 8000];
                let record = NewRecord::new(&data).owner(Some("alice"));
                for number in 0.. {
                    if task == 1 {
                        // Every so many reads, moka looks whether the store is too full.
                        store.exists(&key(usize::MAX)).await.unwrap();
                        if done.load(Ordering::SeqCst) {
                            break;
                        }
                    } else if number == 2000 {
                        done.store(true, Ordering::SeqCst);
                        break;
                    } else if let Some(old) = store.get(&key(number)).await.unwrap() {
                        let (from, to) = (key(number), key(number + 1));
                        let renamed = store.rename(&from, &to, &record, LONG, old.version);
                        if !is_stored(&renamed.await.unwrap()) {
                            done.store(true, Ordering::SeqCst);
                            panic!("the record was lost on its way at {number}");
                        }
                    }
                }
            }
        }
    })
    .await;
    assert_eq!(store.count().await.unwrap(), 1);
    assert_evicted(&store, 0).await;
    assert!(store.exists(&key(2000)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn renames_to_and_fro_never_wait_for_each_other() {
    let store = MemoryStore::new();
    for number in 0..32 {
        put_for(&store, &key(number), b"x", Some("alice"), LONG).await;
    }
    together(TASKS, {
        let store = store.clone();
        move |task| {
            let store = store.clone();
            async move {
                for step in 0..200 {
                    let from = key((task * 7 + step) % 64);
                    let to = key((task * 13 + step * 5) % 64);
                    if let Some(old) = store.get(&from).await.unwrap() {
                        let owner = ["alice", "bob"][step % 2];
                        let record = NewRecord::new(b"x").owner(Some(owner));
                        let rename = store.rename(&from, &to, &record, LONG, old.version);
                        let _ = rename.await.unwrap();
                    }
                }
            }
        }
    })
    .await;
    assert_eq!(store.count().await.unwrap(), 32);
    let alice = store.list("alice").await.unwrap().len();
    assert_eq!(alice + store.list("bob").await.unwrap().len(), 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_once_in_a_full_store_leaves_the_indexes_exact() {
    let store = small(128 << 10);
    together(TASKS, {
        let store = store.clone();
        move |task| {
            let store = store.clone();
            async move {
                for step in 0..300 {
                    let number = (task * 31 + step * 17) % 400;
                    let owner = ["alice", "bob", "carol", "dave"][(task + step) % 4];
                    let data = vec![1; (task * step) % 1500];
                    let record = NewRecord::new(&data).owner(Some(owner));
                    let (at, to) = (key(number), key(number + 1));
                    match (task + step) % 16 {
                        0 => drop(store.delete(&at).await.unwrap()),
                        1 => drop(store.expire(&at, fixture::millis(1)).await.unwrap()),
                        2 => drop(store.purge_expired(5).await.unwrap()),
                        3 if step % 50 == 0 => drop(store.delete_owner(owner, Some(&at)).await),
                        4 if step % 100 == 0 => drop(store.delete_all().await.unwrap()),
                        5..8 => {
                            if let Some(old) = store.get(&at).await.unwrap() {
                                let rename = store.rename(&at, &to, &record, LONG, old.version);
                                let _ = rename.await.unwrap();
                            }
                        }
                        _ => {
                            let set = store.set(&at, &record, LONG, Precondition::Any).await;
                            assert!(is_stored(&set.unwrap()));
                        }
                    }
                }
            }
        }
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    store.purge_expired(u32::MAX).await.unwrap();
    let mut living = 0;
    for number in 0..=400 {
        living += u64::from(store.exists(&key(number)).await.unwrap());
    }
    assert_eq!(store.count().await.unwrap(), living);
    let mut listed = 0;
    for owner in ["alice", "bob", "carol", "dave"] {
        for owned in store.list(owner).await.unwrap() {
            let read = store.get(&owned.key).await.unwrap().unwrap();
            assert_eq!(read.version, owned.record.version);
            assert_eq!(read.owner.as_deref(), Some(owner));
            listed += 1;
        }
    }
    assert_eq!(listed, living);
    assert_eq!(store.delete_all().await.unwrap(), living);
    assert_eq!(store.count().await.unwrap(), 0);
}
