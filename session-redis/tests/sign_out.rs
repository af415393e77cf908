//! "Sign out everywhere", and its relatives, when something is in the way: what can be ended is ended.

mod server;

use std::time::Duration;

use server::{
    admin::Admin,
    records::{assert_kind, create},
    relayed::{index, name},
};
use session_core::{Maintain as _, OwnerIndex as _, Store as _, StoreErrorKind, StoreKey};
use session_redis::{RedisStore, redis};
use session_test_servers::{Cluster, Kind, Server};

const MANY: u32 = 90;

async fn created(store: &RedisStore, number: u32) -> Vec<StoreKey> {
    let keys = (0..number).map(|number| StoreKey::digest(&number.to_be_bytes()));
    let keys: Vec<_> = keys.collect();
    for key in &keys {
        create(store, key).await;
    }
    keys
}

/// Those of these that a store still serves.
async fn alive(store: &RedisStore, keys: &[StoreKey]) -> usize {
    let mut alive = 0;
    for key in keys {
        alive += usize::from(matches!(store.get(key).await, Ok(Some(_))));
    }
    alive
}

/// Puts a key of another type in the place of this record.
async fn spoil(admin: &mut Admin, key: &StoreKey) -> bool {
    let mut del = redis::cmd("DEL");
    if admin.try_query(del.arg(name(key))).await.is_err() {
        return false;
    }
    let mut push = redis::cmd("LPUSH");
    admin.query::<()>(push.arg(name(key)).arg("x")).await;
    true
}

#[tokio::test]
async fn one_server_goes_past_what_is_no_session() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let keys = created(&store, 20).await;
    let mut admin = Admin::of(&server.url()).await;
    assert!(spoil(&mut admin, &keys[7]).await);
    assert_eq!(store.count().await.unwrap(), 19);
    // What it cannot read it does not leave out without a word.
    assert_kind(store.list("alice").await, StoreErrorKind::Corrupt);
    let removed = store.delete_owner("alice", Some(&keys[3])).await;
    let shown = assert_kind(removed, StoreErrorKind::Corrupt);
    assert!(shown.contains("WRONGTYPE"), "{shown}");
    assert_eq!(alive(&store, &keys).await, 1);
    assert_eq!(store.count().await.unwrap(), 1);
    // The index does not lead there any more.
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
    assert_eq!(store.delete_owner("alice", None).await.unwrap(), 1);
    assert_eq!(admin.run::<u64>(&["DBSIZE"]).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_goes_past_what_is_no_session() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    let keys = created(&store, MANY).await;
    let mut spoilt = false;
    for port in &cluster.ports()[..3] {
        let mut admin = Admin::of(&format!("redis://127.0.0.1:{port}")).await;
        spoilt |= spoil(&mut admin, &keys[7]).await;
    }
    assert!(spoilt);
    assert_eq!(store.count().await.unwrap(), u64::from(MANY) - 1);
    assert_kind(store.list("alice").await, StoreErrorKind::Corrupt);
    let removed = store.delete_owner("alice", Some(&keys[3])).await;
    assert_kind(removed, StoreErrorKind::Corrupt);
    assert_eq!(alive(&store, &keys).await, 1);
    assert_eq!(store.count().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_lacks_a_node_ends_what_the_others_have() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    let mut admin = Admin::of(&format!("redis://127.0.0.1:{}", cluster.ports()[0])).await;
    let of_index = node_of(&cluster, &mut admin, &index("alice")).await;
    let gone = (of_index + 1) % 3;
    let (mut serving, mut lost) = (Vec::new(), 0);
    for key in created(&store, MANY).await {
        if node_of(&cluster, &mut admin, &name(&key)).await == gone {
            lost += 1;
        } else {
            serving.push(key);
        }
    }
    assert!(lost > 0 && serving.len() > 2);
    // So that the other nodes go on.
    for port in cluster.ports() {
        let mut admin = Admin::of(&format!("redis://127.0.0.1:{port}")).await;
        let words = ["CONFIG", "SET", "cluster-require-full-coverage", "no"];
        admin.run::<()>(&words).await;
    }
    cluster.kill(gone + 3);
    cluster.kill(gone);
    // None takes its place.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let spared = &serving[0];
    let removed = store.delete_owner("alice", Some(spared)).await;
    assert_kind(removed, StoreErrorKind::Unavailable);
    assert_eq!(alive(&store, &serving).await, 1);
    assert!(store.get(spared).await.unwrap().is_some());
    // A list that leaves out what it could not reach would look whole.
    assert_kind(store.list("alice").await, StoreErrorKind::Unavailable);
}

async fn node_of(cluster: &Cluster, admin: &mut Admin, name: &[u8]) -> usize {
    let mut slot = redis::cmd("CLUSTER");
    cluster.master_of(admin.query(slot.arg("KEYSLOT").arg(name)).await)
}
