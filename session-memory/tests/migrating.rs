//! Sessions that move from one store to another while they are used.

#![expect(clippy::panic, reason = "that is how a test fails")]

mod fixture;

use std::{future::poll_fn, pin::Pin, task::Poll, time::Duration};

use fixture::{LONG, begins_old::BeginsOld, is_stored, key, together};
use session_core::{
    Maintain as _, NewRecord, OwnerIndex as _, Precondition, SetOutcome, Store as _, Version,
};

const OLD: NewRecord<'_> = NewRecord::new(b"old");
const NEW: NewRecord<'_> = NewRecord::new(b"new");

async fn begun(stores: &BeginsOld, number: usize, owner: Option<&str>) -> Version {
    let record = OLD.owner(owner);
    match stores
        .old
        .set(&key(number), &record, LONG, Precondition::Absent)
        .await
    {
        Ok(SetOutcome::Stored(version)) => version,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_read_moves_nothing_and_a_write_moves_once() {
    let stores = BeginsOld::default();
    let version = begun(&stores, 1, Some("ada")).await;
    let created_at = stores.old.get(&key(1)).await.unwrap().unwrap().created_at;
    tokio::time::sleep(Duration::from_millis(5)).await;
    for _ in 0..2 {
        let read = stores.both.get(&key(1)).await.unwrap().unwrap();
        assert_eq!((&read.data[..], read.version), (&b"old"[..], version));
        assert!(stores.both.expire(&key(1), LONG).await.unwrap());
        assert!(!stores.new.exists(&key(1)).await.unwrap());
    }
    let when = Precondition::Version(version);
    let set = stores
        .both
        .set(&key(1), &NEW.owner(Some("ada")), LONG, when)
        .await;
    assert!(is_stored(&set.unwrap()));
    assert!(!stores.old.exists(&key(1)).await.unwrap());
    let moved = stores.new.get(&key(1)).await.unwrap().unwrap();
    assert_eq!(
        (&moved.data[..], moved.created_at),
        (&b"new"[..], created_at)
    );
    let read = stores.both.get(&key(1)).await.unwrap().unwrap();
    assert_eq!((read.data, read.version), (moved.data, moved.version));
    // Who read it before it moved learns that somebody was quicker.
    let late = stores.both.set(&key(1), &OLD, LONG, when).await;
    assert_eq!(late.unwrap(), SetOutcome::Conflict);
}

#[tokio::test]
async fn both_are_listed_counted_and_ended() {
    let stores = BeginsOld::default();
    for number in 0..4 {
        let version = begun(&stores, number, Some("ada")).await;
        if number % 2 == 0 {
            let when = Precondition::Version(version);
            let record = NEW.owner(Some("ada"));
            let set = stores.both.set(&key(number), &record, LONG, when).await;
            assert!(is_stored(&set.unwrap()));
        }
    }
    assert_eq!(stores.both.count().await.unwrap(), 4);
    let mut listed: Vec<_> = stores.both.list("ada").await.unwrap();
    listed.sort_by_key(|owned| owned.key);
    let mut keys: Vec<_> = (0..4).map(key).collect();
    keys.sort();
    assert!(listed.iter().map(|owned| owned.key).eq(keys));
    assert_eq!(
        stores
            .both
            .delete_owner("ada", Some(&key(2)))
            .await
            .unwrap(),
        3
    );
    assert_eq!(stores.both.delete_all().await.unwrap(), 1);
    assert_eq!(stores.both.count().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_first_writers_one_wins_and_nobody_is_signed_out() {
    for round in 0..50 {
        let stores = BeginsOld::default();
        let version = begun(&stores, round, None).await;
        let all = stores.clone();
        let outcomes = together(16, move |task| {
            let stores = all.clone();
            async move {
                if task % 2 == 0 {
                    let found = stores.both.get(&key(round)).await.unwrap();
                    assert!(found.is_some(), "it moves, and is there all the time");
                    return None;
                }
                let when = Precondition::Version(version);
                Some(
                    stores
                        .both
                        .set(&key(round), &NEW, LONG, when)
                        .await
                        .unwrap(),
                )
            }
        });
        let outcomes: Vec<_> = outcomes.await.into_iter().flatten().collect();
        let won = outcomes.iter().filter(|outcome| is_stored(outcome)).count();
        assert_eq!(won, 1, "{outcomes:?}");
        assert!(!outcomes.contains(&SetOutcome::Missing), "{outcomes:?}");
        assert!(!stores.old.exists(&key(round)).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_move_undoes_no_logout() {
    for round in 0..400 {
        let stores = BeginsOld::default();
        let version = begun(&stores, round, Some("ada")).await;
        let all = stores.clone();
        together(3, move |task| {
            let stores = all.clone();
            async move {
                let (from, to) = (key(round), key(round + 1000));
                let record = NEW.owner(Some("ada"));
                match (task, round % 2) {
                    (0, _) => drop(stores.both.rename(&from, &to, &record, LONG, version).await),
                    (1, _) => {
                        let when = Precondition::Version(version);
                        drop(stores.both.set(&from, &record, LONG, when).await);
                    }
                    (_, 0) => {
                        // It is there under one name or the other, and the logout knows one.
                        if stores.both.delete(&from).await.unwrap() {
                            drop(stores.both.delete(&to).await);
                        }
                    }
                    _ => drop(stores.both.delete_owner("ada", None).await),
                }
            }
        })
        .await;
        let lives = stores.both.exists(&key(round)).await.unwrap();
        assert!(!lives, "round {round}");
        if round % 2 == 1 {
            assert_eq!(
                stores.both.list("ada").await.unwrap().len(),
                0,
                "round {round}"
            );
            assert!(!stores.both.exists(&key(round + 1000)).await.unwrap());
        }
    }
}

/// Wherever the one is stopped for the other.
#[tokio::test]
async fn a_logout_that_meets_a_move_ends_the_session() {
    for (ends, moves) in (0..12).flat_map(|ends| (0..24).map(move |moves| (ends, moves))) {
        let stores = BeginsOld::default();
        let version = begun(&stores, 1, None).await;
        let key = key(1);
        let mut delete = stores.both.delete(&key);
        let mut set = stores
            .both
            .set(&key, &NEW, LONG, Precondition::Version(version));
        let deleted = advance(&mut delete, ends).await;
        let written = advance(&mut set, moves).await;
        if deleted.is_none() {
            delete.await.unwrap();
        }
        if written.is_none() {
            let _ = set.await.unwrap();
        }
        assert!(!stores.both.exists(&key).await.unwrap(), "{ends}, {moves}");
    }
}

/// Polls so often; what came of it, if it has ended by then.
async fn advance<F: Future + Unpin>(future: &mut F, polls: usize) -> Option<F::Output> {
    let mut left = polls;
    poll_fn(|context| {
        while left > 0 {
            left -= 1;
            if let Poll::Ready(output) = Pin::new(&mut *future).poll(context) {
                return Poll::Ready(Some(output));
            }
        }
        Poll::Ready(None)
    })
    .await
}
