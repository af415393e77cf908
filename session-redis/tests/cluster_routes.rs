//! How a store finds the node of a key in a cluster: while a slot is between two nodes, after many have
//! moved, and when nodes hang or are gone.
#![expect(
    clippy::print_stdout,
    reason = "numbers for whoever runs it with --nocapture"
)]

mod server;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use server::{
    admin::Admin,
    records::{RECORD, create},
    ttl, version,
};
use session_core::{OwnerIndex as _, Precondition, Store as _, StoreErrorKind, StoreKey};
use session_redis::{NearCache, RedisOptions, RedisStore, redis};
use session_test_servers::Cluster;
use tokio::time::sleep;

/// How soon a store is to be right again.
const RECOVERY: Duration = Duration::from_secs(2);

fn numbered(number: u32) -> StoreKey {
    StoreKey::digest(&number.to_be_bytes())
}

fn name(prefix: &[u8], key: &StoreKey) -> Vec<u8> {
    [prefix, b"s:", key.as_bytes()].concat()
}

async fn admin_of(cluster: &Cluster, node: usize) -> Admin {
    Admin::of(&format!("redis://127.0.0.1:{}", cluster.ports()[node])).await
}

async fn slot_of(admin: &mut Admin, name: &[u8]) -> u16 {
    let mut slot = redis::cmd("CLUSTER");
    admin.query(slot.arg("KEYSLOT").arg(name)).await
}

async fn is_master(admin: &mut Admin) -> bool {
    let role: Vec<redis::Value> = admin.run(&["ROLE"]).await;
    role.first() == Some(&redis::Value::BulkString(b"master".to_vec()))
}

/// One key has been moved and one has not, of the same slot.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slot_between_two_nodes_is_served_by_both() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let prefix = b"{between}";
    let options = || RedisOptions::url(&cluster.url()).unwrap().prefix(prefix);
    let plain = options().open().await.unwrap();
    let near = options().near_cache(NearCache::new(1 << 20));
    let near = near.open().await.unwrap();
    let (here, there, nowhere) = (numbered(1), numbered(2), numbered(3));
    create(&plain, &here).await;
    create(&plain, &there).await;

    let slot = slot_of(&mut admin_of(&cluster, 0).await, prefix).await;
    let from = cluster.master_of(slot);
    let to = (from + 1) % 3;
    let (mut source, mut target) = (admin_of(&cluster, from).await, admin_of(&cluster, to).await);
    let source_id: String = source.run(&["CLUSTER", "MYID"]).await;
    let target_id: String = target.run(&["CLUSTER", "MYID"]).await;
    let digits = slot.to_string();
    let setslot = ["CLUSTER", "SETSLOT", &digits];
    let importing = [&setslot[..], &["IMPORTING", &source_id]].concat();
    let migrating = [&setslot[..], &["MIGRATING", &target_id]].concat();
    target.run::<()>(&importing).await;
    source.run::<()>(&migrating).await;
    let mut migrate = redis::cmd("MIGRATE");
    migrate.arg("127.0.0.1").arg(cluster.ports()[to]);
    migrate.arg(name(prefix, &there)).arg(0).arg(5000);
    source.query::<()>(&migrate).await;

    for store in [&plain, &near] {
        for key in [&here, &there] {
            for _ in 0..2 {
                let read = store.get(key).await.unwrap().unwrap();
                assert_eq!(read.owner.as_deref(), Some("alice"));
                let when = Precondition::Version(read.version);
                let set = store.set(key, &RECORD, ttl(), when).await;
                version(set.unwrap());
                assert!(store.expire(key, ttl()).await.unwrap());
            }
        }
        assert!(store.get(&nowhere).await.unwrap().is_none());
        version(
            store
                .set(&nowhere, &RECORD, ttl(), Precondition::Absent)
                .await
                .unwrap(),
        );
        assert!(store.delete(&nowhere).await.unwrap());
        assert!(!store.delete(&nowhere).await.unwrap());
    }
    // Where it was left, a move goes on.
    tokio::task::block_in_place(|| cluster.migrate(slot, to));
    assert_eq!(cluster.master_of(slot), to);
    for store in [&plain, &near] {
        for key in [&here, &there] {
            assert!(store.get(key).await.unwrap().is_some());
        }
    }
    assert_eq!(plain.delete_owner("alice", None).await.unwrap(), 2);
}

/// More at a time than a task is let do in one go.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_that_meets_moved_slots_is_served() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    let keys: Vec<_> = (0..400).map(numbered).collect();
    for key in &keys {
        create(&store, key).await;
    }
    let mut admin = admin_of(&cluster, 0).await;
    for round in 0..3 {
        for key in keys.iter().skip(40 * round).take(40) {
            let slot = slot_of(&mut admin, &name(b"session:", key)).await;
            let to = (cluster.master_of(slot) + 1) % 3;
            tokio::task::block_in_place(|| cluster.migrate(slot, to));
        }
        let began = Instant::now();
        for read in join_all(keys.iter().map(|key| store.get(key))).await {
            assert!(read.unwrap().is_some());
        }
        println!(
            "400 reads, of which 40 are sent elsewhere: {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hung_master_is_given_up_for_its_replica() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let options = RedisOptions::url(&cluster.url()).unwrap();
    let options = options.response_timeout(Duration::from_millis(300));
    let options = options.connect_timeout(Duration::from_millis(300));
    let store = options.open().await.unwrap();
    let keys: Vec<_> = (0..32).map(numbered).collect();
    for key in &keys {
        create(&store, key).await;
    }
    sleep(Duration::from_millis(300)).await;
    let hung = cluster.master_of(0);
    let mut replica = admin_of(&cluster, hung + 3).await;
    cluster.pause(hung);
    let mut elected = None;
    let recovery = loop {
        let mut served = 0;
        // One after another, as who waits for one may not wait for all.
        for key in &keys {
            let began = Instant::now();
            match store.get(key).await {
                Ok(read) => {
                    assert!(read.is_some());
                    served += 1;
                }
                Err(error) => {
                    let typed = [StoreErrorKind::Timeout, StoreErrorKind::Unavailable];
                    assert!(typed.contains(&error.kind()), "{error:?}");
                }
            }
            assert!(began.elapsed() < RECOVERY, "{:?}", began.elapsed());
        }
        assert!(served > 0, "the other nodes serve");
        if served == keys.len() {
            break elected.map_or(Duration::ZERO, |at: Instant| at.elapsed());
        }
        if elected.is_none() && is_master(&mut replica).await {
            elected = Some(Instant::now());
        }
    };
    println!("served again {recovery:?} after somebody saw the election");
    assert!(recovery < RECOVERY, "{recovery:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_node_serves_is_unavailable_in_time_and_the_rest_is_served() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let options = RedisOptions::url(&cluster.url()).unwrap();
    let store = options.open().await.unwrap();
    let keys: Vec<_> = (0..32).map(numbered).collect();
    for key in &keys {
        create(&store, key).await;
    }
    // A master and its replica, which nobody replaces.
    cluster.kill(3);
    cluster.kill(0);
    for key in &keys {
        let began = Instant::now();
        if let Err(error) = store.get(key).await {
            assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
        }
        assert!(began.elapsed() < RECOVERY, "{:?}", began.elapsed());
    }
    for node in [1, 2, 4, 5] {
        cluster.kill(node);
    }
    let began = Instant::now();
    for key in &keys {
        let error = store.get(key).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
    }
    assert!(began.elapsed() < RECOVERY, "{:?}", began.elapsed());
    let error = RedisStore::open(&cluster.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
}

/// One of those that a URL names is enough.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_leads_to_all_masters() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let url = format!(
        "redis+cluster://127.0.0.1:1,127.0.0.1:{}",
        cluster.ports()[5]
    );
    let store = RedisStore::open(&url).await.unwrap();
    for number in 0..32 {
        create(&store, &numbered(number)).await;
    }
    assert_eq!(store.list("alice").await.unwrap().len(), 32);
}
