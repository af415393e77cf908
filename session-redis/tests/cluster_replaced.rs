//! What stands at an address that once was a node's: the nodes of another cluster, or nobody.

mod server;

use std::time::{Duration, Instant};

use server::{admin::Admin, records::create, ttl};
use session_core::{Maintain as _, NewRecord, Precondition, Store as _, StoreKey};
use session_redis::{RedisStore, redis};
use session_test_servers::{Cluster, Relay};
use tokio::time::sleep;

fn numbered(number: u32) -> StoreKey {
    StoreKey::digest(&number.to_be_bytes())
}

fn url(port: u16) -> String {
    format!("redis://127.0.0.1:{port}")
}

/// A name that leads to another cluster, while all nodes that were found by it are silent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_a_clusters_place_is_found_by_its_name() {
    let (Some(old), Some(new)) = (Cluster::start(), Cluster::start()) else {
        return;
    };
    let masters = old.behind_relays();
    let name = Relay::to(old.ports()[0]);
    let at = format!("redis+cluster://127.0.0.1:{}", name.port());
    let store = RedisStore::open(&at).await.unwrap();
    create(&store, &numbered(0)).await;
    for node in 0..6 {
        old.pause(node);
    }
    // Their connections are lost with them, as when machines are gone.
    for relay in masters.iter().chain([&name]) {
        relay.cut();
    }
    assert!(store.get(&numbered(0)).await.is_err());
    name.lead_to(new.ports()[0]);
    name.cut();
    let began = Instant::now();
    // One at a time: each has the time of one attempt.
    let mut number = 0;
    while let Err(error) = store.get(&numbered(number)).await {
        assert!(began.elapsed() < Duration::from_secs(8), "{error:?}");
        number += 1;
    }
}

/// A replica leaves, in good order, and its address becomes one of another cluster's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_has_left_is_not_asked() {
    let (Some(ours), Some(theirs)) = (Cluster::start(), Cluster::start()) else {
        return;
    };
    let replica = Relay::to(ours.ports()[5]);
    let mut its = Admin::of(&url(ours.ports()[5])).await;
    let port = replica.port().to_string();
    its.run::<()>(&["CONFIG", "SET", "cluster-announce-port", &port])
        .await;
    is_announced(&ours, replica.port(), true).await;
    let at = format!("redis+cluster://127.0.0.1:{}", ours.ports()[0]);
    let store = RedisStore::open(&at).await.unwrap();
    let of_theirs = RedisStore::open(&theirs.url()).await.unwrap();
    let key = numbered(1);
    create(&store, &key).await;
    let record = NewRecord::new(b"of another cluster").owner(Some("mallory"));
    let set = of_theirs.set(&key, &record, ttl(), Precondition::Absent);
    set.await.map(drop).unwrap();

    ours.kill(5);
    is_announced(&ours, replica.port(), false).await;
    replica.lead_to(theirs.ports()[0]);
    // Asks for the map.
    store.purge_expired(1).await.unwrap();
    for node in [3, 4, 0, 1, 2] {
        ours.kill(node);
    }
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        assert!(store.get(&key).await.is_err());
        sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the cluster says that one of its nodes is there, or that it is not.
async fn is_announced(cluster: &Cluster, port: u16, is: bool) {
    let mut admin = Admin::of(&url(cluster.ports()[0])).await;
    let port = format!("int({port})");
    loop {
        let slots: redis::Value = admin.run(&["CLUSTER", "SLOTS"]).await;
        if format!("{slots:?}").contains(&port) == is {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
}
