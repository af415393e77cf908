//! Who reads through the handle that has written sees the write, whatever else is under way.

mod fixture;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use fixture::{LONG, far::Far, is_stored, key, millis, put, together};
use session_core::{Cached, NewRecord, Precondition, Store as _, Ttl};
use session_memory::MemoryStore;
use tokio::time::sleep;

fn cached(far: &Far, max_staleness: Ttl) -> Cached<MemoryStore, Far> {
    Cached::new(MemoryStore::new(), far.clone(), max_staleness)
}

#[tokio::test]
async fn an_older_answer_that_comes_after_a_write_is_not_kept() {
    let far = Far::default();
    let store = cached(&far, LONG);
    put(&far.store, &key(0), b"old", LONG).await;
    far.hold_next();
    let late = tokio::spawn({
        let store = store.clone();
        async move { store.get(&key(0)).await.unwrap().unwrap().data }
    });
    far.kept().await;
    let new = NewRecord::new(b"new");
    let stored = store.set(&key(0), &new, LONG, Precondition::Any).await;
    assert!(is_stored(&stored.unwrap()));
    far.release();
    assert_eq!(late.await.unwrap(), "old"); // it asked before
    for _ in 0..3 {
        assert_eq!(store.get(&key(0)).await.unwrap().unwrap().data, "new");
    }
}

#[tokio::test]
async fn nothing_near_is_served_while_a_write_is_under_way() {
    let far = Far::default();
    let store = cached(&far, LONG);
    put(&far.store, &key(0), b"x", LONG).await;
    assert!(store.get(&key(0)).await.unwrap().is_some());
    far.hold_next();
    let deleting = tokio::spawn({
        let store = store.clone();
        async move { store.delete(&key(0)).await.unwrap() }
    });
    far.kept().await; // it is gone, but the answer is not here yet
    assert!(store.get(&key(0)).await.unwrap().is_none());
    far.release();
    assert!(deleting.await.unwrap());
}

#[tokio::test]
async fn a_write_that_is_cut_off_is_seen_even_if_it_happens_later() {
    let far = Far::default();
    let store = cached(&far, millis(500));
    put(&far.store, &key(0), b"x", LONG).await;
    assert!(store.get(&key(0)).await.unwrap().is_some());
    far.hold_next();
    {
        let key = key(0);
        let mut delete = store.delete(&key);
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(
            delete.as_mut().poll(&mut context).map(|_| ()),
            Poll::Pending
        );
    }
    far.release();
    // As a database does that had the statement already.
    put(&far.store, &key(0), b"not yet", LONG).await;
    assert!(store.get(&key(0)).await.unwrap().is_some());
    far.store.delete(&key(0)).await.unwrap();
    assert!(store.get(&key(0)).await.unwrap().is_none());
    assert_eq!(store.hits(), 0);
    // The doubt has an end.
    put(&far.store, &key(0), b"again", LONG).await;
    sleep(Duration::from_millis(510)).await;
    for _ in 0..3 {
        assert!(store.get(&key(0)).await.unwrap().is_some());
    }
    assert!(store.hits() > 0);
}

/// One task writes ever higher numbers, the others read: none reads a number lower than the one
/// whose write had been answered when it asked.
#[tokio::test(flavor = "multi_thread")]
async fn no_reader_sees_less_than_what_was_written_when_it_asked() {
    const WRITES: u64 = 1000;
    let far = Far::default();
    far.scatter();
    let store = cached(&far, LONG);
    put(&far.store, &key(0), &0_u64.to_le_bytes(), LONG).await;
    let written = Arc::new(AtomicU64::new(0));
    together(5, {
        let (store, written) = (store.clone(), Arc::clone(&written));
        move |task| {
            let (store, written) = (store.clone(), Arc::clone(&written));
            async move {
                if task == 0 {
                    write_up_to(&store, &written, WRITES).await;
                } else {
                    read_up_to(&store, &written, WRITES).await;
                }
            }
        }
    })
    .await;
    assert!(store.hits() > 0, "no hit: nothing was tested");
}

type Store = Cached<MemoryStore, Far>;

#[expect(clippy::unwrap_used, reason = "that is how a test fails")]
async fn write_up_to(store: &Store, written: &AtomicU64, last: u64) {
    for number in 1..=last {
        let data = number.to_le_bytes();
        let record = NewRecord::new(&data);
        let stored = store.set(&key(0), &record, LONG, Precondition::Any).await;
        assert!(is_stored(&stored.unwrap()));
        written.store(number, Ordering::SeqCst);
        if number % 2 == 0 {
            std::thread::sleep(Duration::from_micros(50)); // for some hits
        }
    }
}

#[expect(clippy::unwrap_used, reason = "that is how a test fails")]
async fn read_up_to(store: &Store, written: &AtomicU64, last: u64) {
    loop {
        let least = written.load(Ordering::SeqCst);
        let found = store.get(&key(0)).await.unwrap().unwrap();
        let number = u64::from_le_bytes(found.data[..].try_into().unwrap());
        assert!(number >= least, "read {number} after {least} was written");
        if least == last {
            return;
        }
    }
}
