//! A: one operation is atomic, cut off or not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use session_core::{NewRecord, Precondition, SetOutcome, Store};
use tokio::{task::yield_now, time::timeout};

use crate::{
    Tested,
    steps::{LONG, LONGER, Steps as _, cut_off, key, numbered, owned, race},
};

/// Longer than one block of any database, so that a torn write would show.
const OLD: NewRecord<'_> = owned(&[b'o'; 40_000], "old");
const NEW: NewRecord<'_> = owned(&[b'n'; 40_000], "new");

/// More polls than any operation of a store takes.
const CUTS: usize = 64;

/// A1: A `set` that creates and is cut off created the whole record or nothing.
pub async fn a_cut_off_creation_is_whole_or_nothing(store: Tested<dyn Store>) {
    for polls in 0..CUTS {
        let key = numbered(polls);
        let set = store.set(&key, &NEW, LONG, Precondition::Absent);
        let done = cut_off(polls, set).await.is_some();
        if let Some(record) = store.get(&key).await.unwrap() {
            assert!(record.data == NEW.data, "the data is not whole");
            assert_eq!(record.owner.as_deref(), NEW.owner);
            store.assert_left(&key, LONG).await;
        }
        if done {
            store.found(&key).await;
            return;
        }
    }
}

/// A2: A `set` that replaces and is cut off replaced data, owner, version and time, or nothing.
pub async fn a_cut_off_set_is_whole_or_nothing(store: Tested<dyn Store>) {
    for polls in 0..CUTS {
        let key = numbered(polls);
        let version = store.write(&key, &OLD, LONG, Precondition::Any).await;
        let set = store.set(&key, &NEW, LONGER, Precondition::Version(version));
        let done = cut_off(polls, set).await.is_some();
        let record = store.found(&key).await;
        let replaced = record.version != version;
        let (expected, ttl) = if replaced { (NEW, LONGER) } else { (OLD, LONG) };
        assert!(record.data == expected.data, "the data is of another write");
        assert_eq!(record.owner.as_deref(), expected.owner);
        assert!(record.expires_in <= ttl.as_duration());
        assert!(record.expires_in > ttl.as_duration() / 2);
        if done {
            assert!(replaced, "it was done");
            return;
        }
    }
}

/// A3: A `delete` that is cut off removed the whole record or nothing.
pub async fn a_cut_off_delete_is_whole_or_nothing(store: Tested<dyn Store>) {
    for polls in 0..CUTS {
        let key = numbered(polls);
        let version = store.write(&key, &OLD, LONG, Precondition::Any).await;
        let done = cut_off(polls, store.delete(&key)).await.is_some();
        if let Some(record) = store.get(&key).await.unwrap() {
            assert!(record.data == OLD.data, "the data is not whole");
            assert_eq!(record.owner.as_deref(), OLD.owner);
            assert_eq!(record.version, version);
        }
        if done {
            store.assert_gone(&key).await;
            return;
        }
    }
}

/// A4: An `expire` that is cut off leaves the record there, with one time to live or the other.
pub async fn a_cut_off_expire_leaves_the_record(store: Tested<dyn Store>) {
    for polls in 0..CUTS {
        let key = numbered(polls);
        let version = store.write(&key, &OLD, LONG, Precondition::Any).await;
        let done = cut_off(polls, store.expire(&key, LONGER)).await.is_some();
        let record = store.found(&key).await;
        assert!(record.data == OLD.data, "the data is not whole");
        assert_eq!(record.owner.as_deref(), OLD.owner);
        assert_eq!(record.version, version);
        assert!(record.expires_in > LONG.as_duration() / 2);
        if done {
            store.assert_left(&key, LONGER).await;
            return;
        }
    }
}

/// A5: A `rename` that is cut off leaves `from` or `to`, whole.
pub async fn a_cut_off_rename_loses_nothing(store: Tested<dyn Store>) {
    for polls in 0..CUTS {
        let (from, to) = (numbered(polls), key(format!("to {polls}")));
        let version = store.write(&from, &OLD, LONG, Precondition::Any).await;
        let rename = store.rename(&from, &to, &NEW, LONG, version);
        let done = cut_off(polls, rename).await.is_some();
        // `from` first: what was cut off may still happen between these reads.
        let stayed = store.get(&from).await.unwrap();
        let came = store.get(&to).await.unwrap();
        if let Some(record) = &came {
            assert!(record.data == NEW.data, "the data is not whole");
            assert_eq!(record.owner.as_deref(), NEW.owner);
        } else {
            let record = stayed.expect("one of both is there");
            assert!(record.data == OLD.data, "the data is not whole");
            assert_eq!(record.owner.as_deref(), OLD.owner);
        }
        if done {
            assert!(came.is_some(), "it was done");
            return;
        }
    }
}

/// A6: Operations that are cut off leave the store usable, however many they are.
pub async fn cut_off_operations_use_nothing_up(store: Tested<dyn Store>) {
    let key = key("busy");
    for round in 0..64 {
        let polls = 1 + round % 3;
        cut_off(polls, store.put(&key, b"x")).await;
        cut_off(polls, store.get(&key)).await;
        cut_off(polls, store.expire(&key, LONG)).await;
        cut_off(polls, store.delete(&key)).await;
    }
    let after = numbered(0);
    let work = async {
        store.put(&after, b"after").await;
        assert_eq!(store.found(&after).await.data, "after");
        assert!(store.delete(&after).await.unwrap());
    };
    let waited = timeout(Duration::from_secs(20), work).await;
    assert!(waited.is_ok(), "the store does not answer any more");
}

/// A7: Tasks that work on different keys at the same time do not disturb each other.
pub async fn tasks_on_different_keys_stay_apart(store: Tested<dyn Store>) {
    race(32, |index| {
        let (store, key) = (store.clone(), numbered(index));
        async move {
            let mut version = store.put(&key, &[index as u8]).await;
            for round in 0..8 {
                let record = store.found(&key).await;
                assert_eq!(record.version, version);
                assert_eq!(record.data.last(), Some(&(index as u8)));
                let data = [round, index as u8];
                let when = Precondition::Version(version);
                match store.try_put(&key, &data, when).await {
                    SetOutcome::Stored(next) => version = next,
                    refused => panic!("nobody else writes: {refused:?}"),
                }
            }
            assert!(store.delete(&key).await.unwrap());
        }
    })
    .await;
}

/// A8: A reader never sees a mixture of two writes.
pub async fn no_reader_sees_a_mixture(store: Tested<dyn Store>) {
    let key = key("torn");
    store.write(&key, &OLD, LONG, Precondition::Any).await;
    let done = Arc::new(AtomicBool::new(false));
    race(6, |index| {
        let (store, done) = (store.clone(), Arc::clone(&done));
        async move {
            if index == 0 {
                for round in 0..16 {
                    let record = if round % 2 == 0 { &NEW } else { &OLD };
                    store.write(&key, record, LONG, Precondition::Any).await;
                }
                done.store(true, Ordering::SeqCst);
            }
            while !done.load(Ordering::SeqCst) {
                let record = store.found(&key).await;
                let new = record.owner.as_deref() == NEW.owner;
                let whole = if new { NEW } else { OLD };
                assert!(record.data == whole.data, "owner of one, data of another");
                yield_now().await;
            }
        }
    })
    .await;
}
