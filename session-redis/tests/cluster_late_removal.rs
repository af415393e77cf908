//! In a cluster: a removal from an owner's index that reaches its node late takes out nothing that lives.

mod server;

use std::time::Duration;

use server::{
    records::{RECORD, assert_listed, create},
    relayed::{Relayed, index, name},
    ttl, version,
};
use session_core::Store as _;
use tokio::time::sleep;

/// As the removal of an index entry begins, which says one thing less than what puts it there.
const REMOVAL: &[u8] = b"*6\r\n$7\r\nEVALSHA\r\n";

/// A rotation that was decided too late is tried again, under the same claim.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_is_tried_again_stays_listed() {
    let Some(cluster) = Relayed::start() else {
        return;
    };
    let (mover, witness) = (cluster.open().await, cluster.open().await);
    let [from, to] = cluster.two_apart().await;
    let old = create(&mover, &from).await;
    let index = index("alice");
    let decision = cluster.relay_of(&name(&from)).await;
    let decision = decision.hold(&[&name(&from), to.as_bytes()]);
    let removal = cluster.relay_of(&index).await;
    let removal = removal.hold(&[REMOVAL, &index, to.as_bytes()]);
    let moving = tokio::spawn(async move { mover.rename(&from, &to, &RECORD, ttl(), old).await });
    decision.reached();
    // Longer than the first try has time for.
    sleep(Duration::from_millis(1100)).await;
    decision.release();
    version(moving.await.unwrap().unwrap());
    // Whatever was given up on the way to the index arrives now.
    removal.release();
    sleep(Duration::from_millis(300)).await;
    assert!(witness.get(&to).await.unwrap().is_some());
    assert_listed(&witness, &[from, to]).await;
}
