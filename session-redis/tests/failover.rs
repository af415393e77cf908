//! What a failover and a moved slot cost: nothing that was acknowledged, where the store waits for replicas or
//! the failover is clean, and nothing to be done afterwards.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]
#![expect(
    clippy::print_stdout,
    reason = "numbers for whoever runs it with --nocapture"
)]

mod server;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use server::{admin::Admin, traffic::Traffic, ttl, version};
use session_core::{
    FullStore, NewRecord, OwnerIndex as _, Precondition, Store as _, StoreErrorKind, StoreKey,
};
use session_redis::{NearCache, RedisOptions, RedisStore, redis};
use session_test_servers::{Cluster, Kind, Sentinel, Server};
use tokio::time::sleep;

/// How long the store may need once there is a master again.
const RECOVERY: Duration = Duration::from_secs(2);
const RECORDS: u32 = 300;

fn numbered(number: u32) -> StoreKey {
    StoreKey::digest(&number.to_be_bytes())
}

async fn fill(store: &RedisStore) {
    let record = NewRecord::new(b"data").owner(Some("alice"));
    for number in 0..RECORDS {
        let key = numbered(number);
        let created = store.set(&key, &record, ttl(), Precondition::Absent);
        version(created.await.unwrap());
    }
    // Replicas have it a moment later.
    sleep(Duration::from_millis(300)).await;
}

/// Waits until the store serves all keys again; how long that took. Meanwhile every error is a typed one.
async fn served_again(store: &RedisStore) -> Duration {
    let began = Instant::now();
    for number in 0..RECORDS {
        loop {
            match store.expire(&numbered(number), ttl()).await {
                Ok(is_there) => {
                    assert!(is_there, "{number} is lost");
                    break;
                }
                Err(error) => {
                    let typed = [StoreErrorKind::Unavailable, StoreErrorKind::Timeout];
                    assert!(typed.contains(&error.kind()), "{error:?}");
                    assert!(began.elapsed() < 4 * RECOVERY, "{error:?}");
                    sleep(Duration::from_millis(5)).await;
                }
            }
        }
    }
    began.elapsed()
}

async fn whole(store: &RedisStore) {
    let listed = store.list("alice").await.unwrap();
    assert_eq!(listed.len(), RECORDS as usize);
    assert_eq!(
        store.delete_owner("alice", None).await.unwrap(),
        u64::from(RECORDS)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clean_failover_by_sentinel_keeps_all_sessions() {
    let Some(group) = Sentinel::start() else {
        return;
    };
    let options = RedisOptions::url(&group.url()).unwrap();
    let store = options.open().await.unwrap();
    fill(&store).await;
    let master = group.failover();
    let recovery = served_again(&store).await;
    println!("clean failover to {master}: served again after {recovery:?}");
    assert!(recovery < RECOVERY, "{recovery:?}");
    whole(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_master_that_dies_under_traffic_loses_nothing_that_a_replica_acknowledged() {
    let Some(group) = Sentinel::start() else {
        return;
    };
    let options = RedisOptions::url(&group.url()).unwrap();
    let patience = Duration::from_millis(500);
    let options = options.wait_for_replicas(1, patience);
    let store: Arc<dyn FullStore> = Arc::new(options.open().await.unwrap());
    let traffic = Traffic::begin(&store).await;
    traffic.all_write().await;
    let master = group.master();
    group.kill(master);
    let killed = Instant::now();
    traffic.all_fail().await;
    let promoted = group.master_after(master);
    let election = killed.elapsed();
    let recovery = traffic.all_write().await;
    let seen = traffic.end().await;
    println!("{promoted} after {election:?}, writes again {recovery:?} later; {seen:?}");
    assert_eq!(seen.unanswered, 0);
    assert!(recovery < 2 * RECOVERY, "{recovery:?}");
}

/// What nobody has, nobody is told that it was written.
#[tokio::test]
async fn a_write_that_no_replica_has_is_not_acknowledged() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let options = RedisOptions::url(&server.url()).unwrap();
    let patience = Duration::from_millis(50);
    let store = options.wait_for_replicas(1, patience).open().await.unwrap();
    let record = NewRecord::new(b"data");
    let key = numbered(1);
    let set = store.set(&key, &record, ttl(), Precondition::Absent).await;
    let error = set.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
    // The master has it, and a refusal needs no replica.
    assert!(store.get(&key).await.unwrap().is_some());
    let again = store.set(&key, &record, ttl(), Precondition::Absent).await;
    assert_eq!(again.unwrap(), session_core::SetOutcome::Conflict);

    // What reads needs no replica, however many records it finds; what removes does.
    let owned = NewRecord::new(b"data").owner(Some("alice"));
    let plain = RedisStore::open(&server.url()).await.unwrap();
    let second = numbered(2);
    let set = plain.set(&second, &owned, ttl(), Precondition::Absent);
    version(set.await.unwrap());
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
    let error = store.delete_owner("alice", None).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
    assert!(plain.list("alice").await.unwrap().is_empty());
    // Reads do not wait along.
    let writes = (0..20).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            let record = NewRecord::new(b"data");
            let key = numbered(number);
            let set = store.set(&key, &record, ttl(), Precondition::Any);
            assert!(set.await.is_err());
        })
    });
    let writes: Vec<_> = writes.collect();
    let began = Instant::now();
    assert!(store.get(&key).await.unwrap().is_some());
    assert!(began.elapsed() < patience, "{:?}", began.elapsed());
    for write in writes {
        write.await.unwrap();
    }
}

async fn cluster_survives(options: fn(&str) -> RedisOptions) {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let store = options(&cluster.url()).open().await.unwrap();
    fill(&store).await;
    let dead = cluster.master_of(0);
    cluster.kill(dead);
    let killed = Instant::now();
    while cluster.master_of(0) == dead {
        sleep(Duration::from_millis(10)).await;
    }
    let election = killed.elapsed();
    let recovery = served_again(&store).await;
    println!("another master after {election:?}, served again {recovery:?} later");
    assert!(recovery < RECOVERY, "{recovery:?}");
    whole(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clusters_dead_master_is_replaced_with_all_sessions() {
    cluster_survives(|url| RedisOptions::url(url).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clusters_dead_master_is_replaced_with_a_near_cache_too() {
    cluster_survives(|url| {
        let options = RedisOptions::url(url).unwrap();
        options.near_cache(NearCache::new(1 << 20))
    })
    .await;
}

async fn paused(options: fn(&str) -> RedisOptions) {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let options = options(&cluster.url()).response_timeout(Duration::from_millis(500));
    let store: Arc<dyn FullStore> = Arc::new(options.open().await.unwrap());
    let traffic = Traffic::begin(&store).await;
    traffic.all_write().await;
    // Shorter than the cluster takes it for dead.
    cluster.pause(0);
    sleep(Duration::from_millis(700)).await;
    cluster.resume(0);
    let recovery = traffic.all_write().await;
    let seen = traffic.end().await;
    println!("a node paused: writes again after {recovery:?}; {seen:?}");
    assert!(recovery < RECOVERY, "{recovery:?}");
    assert_eq!(seen.unanswered, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_clusters_paused_node_is_a_timeout_and_loses_nothing() {
    paused(|url| RedisOptions::url(url).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn slots_that_move_under_traffic_lose_nothing() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let options = RedisOptions::url(&cluster.url()).unwrap();
    let store = options.open().await.unwrap();
    fill(&store).await;
    let traffic = Traffic::begin(&(Arc::new(store.clone()) as Arc<dyn FullStore>)).await;
    traffic.all_write().await;
    let mut admin = Admin::of(&format!("redis://127.0.0.1:{}", cluster.ports()[0])).await;
    // Of tasks that write, and of what is at rest.
    let mut keys: Vec<_> = (0..16_usize)
        .map(|task| StoreKey::digest(&task.to_be_bytes()))
        .collect();
    keys.extend((0..16).map(numbered));
    for key in keys {
        let name = [b"session:s:", &key.as_bytes()[..]].concat();
        let mut slot = redis::cmd("CLUSTER");
        let slot: u16 = admin.query(slot.arg("KEYSLOT").arg(name)).await;
        let to = (cluster.master_of(slot) + 1) % 3;
        tokio::task::block_in_place(|| cluster.migrate(slot, to));
    }
    traffic.all_write().await;
    let seen = traffic.end().await;
    println!("32 slots moved: {seen:?}");
    assert!(seen.failed.is_empty() && seen.unanswered == 0, "{seen:?}");
    whole(&store).await;
}
