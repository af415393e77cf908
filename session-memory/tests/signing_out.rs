//! A sign-out while the session moves and moka makes room.

mod fixture;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use fixture::{LONG, is_stored, key, put_for, small, together};
use session_core::{NewRecord, OwnerIndex as _, Store as _};

/// There is room for one record only: whenever it moves, moka may drop the old one or the new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_moves_in_a_full_store_does_not_escape_a_sign_out() {
    for round in 0..600 {
        let store = small(10_000);
        put_for(&store, &key(0), &[7; 8000], Some("alice"), LONG).await;
        let moves = Arc::new(AtomicUsize::new(0));
        let over = Arc::new(AtomicBool::new(false));
        together(3, {
            let store = store.clone();
            move |task| {
                let (store, moves, over) = (store.clone(), Arc::clone(&moves), Arc::clone(&over));
                async move {
                    match task {
                        0 => {
                            while moves.load(Ordering::SeqCst) < 5 {
                                std::hint::spin_loop();
                            }
                            store.delete_owner("alice", None).await.unwrap();
                            over.store(true, Ordering::SeqCst);
                        }
                        // Every so many reads, moka looks whether the store is too full.
                        1 => {
                            while !over.load(Ordering::SeqCst) {
                                store.exists(&key(usize::MAX)).await.unwrap();
                            }
                        }
                        _ => {
                            let data = [7; 8000];
                            let record = NewRecord::new(&data).owner(Some("alice"));
                            for number in 0.. {
                                let late = over.load(Ordering::SeqCst);
                                let old = store.get(&key(number)).await.unwrap();
                                assert!(!late || old.is_none(), "alive in round {round}");
                                let Some(old) = old else { break };
                                let (from, to) = (key(number), key(number + 1));
                                let moved = store.rename(&from, &to, &record, LONG, old.version);
                                if !is_stored(&moved.await.unwrap()) {
                                    break;
                                }
                                moves.fetch_add(1, Ordering::SeqCst);
                            }
                            moves.store(usize::MAX, Ordering::SeqCst);
                        }
                    }
                }
            }
        })
        .await;
    }
}
