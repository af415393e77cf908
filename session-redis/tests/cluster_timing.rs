//! In a cluster: what takes more than one step, while others are in the middle of something. Relays hold each
//! step back until the moment that is the worst.

mod server;

use std::{sync::Arc, time::Duration};

use server::{
    admin::Admin,
    records::{RECORD, create},
    relayed::{Relayed, name, until},
    ttl, version,
};
use session_core::{OwnerIndex as _, SetOutcome, Store as _, StoreKey};

/// How many scripts a node has been asked to run.
async fn scripts(admin: &mut Admin) -> u64 {
    admin.calls().await["evalsha"]
}

/// Where it moves is looked at before it comes there, and where it is after it has left, twice in a row.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_record_that_moves_twice_escapes_no_delete_owner() {
    let Some(cluster) = Relayed::start() else {
        return;
    };
    let mover = cluster.open().await;
    let (ender, witness) = (cluster.open().await, cluster.open().await);
    let [first, second] = cluster.two_apart().await;
    let third = StoreKey::digest(b"third");
    let (at_first, at_second) = (
        cluster.relay_of(&name(&first)).await,
        cluster.relay_of(&name(&second)).await,
    );
    let old = create(&mover, &first).await;

    let arriving = at_second.hold(&[&name(&second), first.as_bytes()]);
    let moving = tokio::spawn({
        let mover = mover.clone();
        async move { mover.rename(&first, &second, &RECORD, ttl(), old).await }
    });
    arriving.reached();
    let mut admin = cluster.admin_of(&name(&second)).await;
    let before = scripts(&mut admin).await;
    let at_first_removed = at_first.hold(&[&name(&first), b"alice"]);
    let ending = tokio::spawn(async move { ender.delete_owner("alice", None).await });
    at_first_removed.reached();
    until("the second key is looked at", async || {
        scripts(&mut admin).await > before
    })
    .await;
    arriving.release();
    let moved = moving.await.unwrap();

    let at_second_removed = at_second.hold(&[&name(&second), b"alice"]);
    at_first_removed.release();
    if let Ok(SetOutcome::Stored(old)) = moved {
        until("the second key is looked at again", async || {
            at_second_removed.is_reached() || ending.is_finished()
        })
        .await;
        // To refuse it is right as well.
        let _ = mover.rename(&second, &third, &RECORD, ttl(), old).await;
    }
    at_second_removed.release();
    let removed = ending.await.unwrap().unwrap();
    for key in [first, second, third] {
        let found = witness.get(&key).await.unwrap();
        assert!(found.is_none(), "{removed} removed, and one lives on");
    }
}

/// A move that comes too late for its first try is tried again. Whoever found that the first one had failed must
/// not undo the second.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slow_reader_undoes_no_second_try_of_a_move() {
    let Some(cluster) = Relayed::start() else {
        return;
    };
    let mover = cluster.open().await;
    let (reader, witness) = (cluster.open().await, cluster.open().await);
    let [from, to] = cluster.two_apart().await;
    let (at_from, at_to) = (
        cluster.relay_of(&name(&from)).await,
        cluster.relay_of(&name(&to)).await,
    );
    let old = create(&mover, &from).await;

    let first_try = at_from.hold(&[&name(&from), to.as_bytes()]);
    let moving = tokio::spawn(async move { mover.rename(&from, &to, &RECORD, ttl(), old).await });
    first_try.reached();
    // Whoever looks waits for the move to be decided, and once that is too late wants to clear it away.
    let clearing = Arc::new(at_to.hold(&[b"EVALSHA", &name(&to)]));
    let reading = tokio::spawn({
        let clearing = Arc::clone(&clearing);
        async move {
            while !clearing.is_reached() {
                let _ = reader.list("alice").await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
    clearing.reached();
    let second_try = at_from.hold(&[&name(&from), to.as_bytes()]);
    first_try.release();
    second_try.reached();
    clearing.release();
    reading.await.unwrap();
    second_try.release();

    let moved = version(moving.await.unwrap().unwrap());
    assert!(witness.get(&from).await.unwrap().is_none());
    let found = witness.get(&to).await.unwrap();
    let found = found.map(|record| record.version);
    assert_eq!(found, Some(moved), "it is where it was moved");
    let listed = witness.list("alice").await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].key, to);
}
