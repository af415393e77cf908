//! The heap: what a session takes, and that it comes back. In a test binary of its own, and in
//! one test function, since the allocator counts for the whole process.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "it measures and tells"
)]

use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use session_core::{Maintain as _, NewRecord, Precondition, Store as _, StoreKey, Ttl};
use session_memory::MemoryStore;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const SESSIONS: u64 = 100_000;
const MIB: usize = 1 << 20;

#[tokio::test]
async fn sessions_take_what_they_are_charged_and_give_it_back() {
    expired_sessions_give_their_memory_back().await;
    a_full_store_stays_within_its_budget().await;
}

/// Nobody asks the store for anything after the sessions were created; only a sweeper runs.
async fn expired_sessions_give_their_memory_back() {
    let store = MemoryStore::builder().max_bytes(1 << 30).build().unwrap();
    let ttl = Duration::from_millis(50);
    let start = HEAP.current_usage();
    let mut last = Instant::now();
    for number in 0..SESSIONS {
        create(&store, number, 500, Ttl::clamped(ttl)).await;
        last = Instant::now();
    }
    let grown = HEAP.current_usage() - start;
    // The first have expired by now; they take their memory all the same.
    let per_session = grown / SESSIONS as usize;
    assert!(
        (800..1150).contains(&per_session),
        "{per_session} bytes per session"
    );
    tokio::time::sleep((ttl + Duration::from_millis(1)).saturating_sub(last.elapsed())).await;

    let mut purged = 0;
    loop {
        let batch = store.purge_expired(1000).await.unwrap();
        purged += batch;
        if batch < 1000 {
            break;
        }
    }
    assert_eq!(purged, SESSIONS);
    let left = HEAP.current_usage().saturating_sub(start);
    println!("{grown} bytes grown, {left} left");
    // moka's smallest tables and what its garbage collection has not come to yet.
    assert!(left < MIB, "{left} of {grown} bytes were not given back");
}

async fn a_full_store_stays_within_its_budget() {
    for (size, budget) in [(0, 4 * MIB), (500, 8 * MIB), (5000, 16 * MIB)] {
        let start = HEAP.current_usage();
        let store = MemoryStore::builder()
            .max_bytes(budget as u64)
            .build()
            .unwrap();
        let sessions = 2 * budget / (size + 490);
        for number in 0..sessions as u64 {
            create(&store, number, size, Ttl::MAX).await;
        }
        assert!(store.evicted() > 0);
        let taken = HEAP.current_usage() - start;
        println!("{size} bytes of data: {taken} of {budget} bytes taken");
        assert!(taken > budget / 100 * 75, "{taken} of {budget}");
        assert!(taken < budget / 100 * 105, "{taken} of {budget}");
    }
}

/// Half of the sessions have an owner, and each is read once.
async fn create(store: &MemoryStore, number: u64, size: usize, ttl: Ttl) {
    let key = StoreKey::digest(&number.to_le_bytes());
    let owner = format!("user-{number}@example.org");
    let data = vec![7; size];
    let record = NewRecord::new(&data).owner(number.is_multiple_of(2).then_some(&owner));
    let set = store.set(&key, &record, ttl, Precondition::Absent);
    let _ = set.await.unwrap();
    let _ = store.get(&key).await.unwrap();
}
