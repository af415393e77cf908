//! What a cluster does whose nodes' memory is full: refuse what needs room, and nothing else.

mod server;

use server::{
    admin::Admin,
    records::{A, B, RECORD, assert_kind, create, found},
    relayed::{Relayed, index, name},
    ttl, version,
};
use session_core::{OwnerIndex as _, Precondition, Store as _, StoreErrorKind, StoreKey, Ttl};
use session_redis::{RedisStore, redis};
use session_test_servers::Cluster;

/// Leaves no room on this node.
async fn fill(admin: &mut Admin) {
    let policy = ["CONFIG", "SET", "maxmemory-policy", "noeviction"];
    admin.run::<()>(&policy).await;
    admin.run::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_cluster_refuses_writes_and_renews_and_ends_sessions() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    let past_its_stay = |days: u64| Ttl::from_secs(days * 86_400).unwrap();
    // One for each node at least, and all know the scripts.
    let keys = (0..24_u32).map(|number| StoreKey::digest(&number.to_be_bytes()));
    let keys: Vec<_> = keys.collect();
    for key in &keys {
        create(&store, key).await;
        assert!(store.expire(key, past_its_stay(1)).await.unwrap());
    }
    let old = create(&store, &A).await;
    let mut admins = Vec::new();
    for port in cluster.ports() {
        admins.push(Admin::of(&format!("redis://127.0.0.1:{port}")).await);
    }
    for admin in &mut admins {
        fill(admin).await;
    }
    let entries = entries(&mut admins[..3]).await;
    let set = store.set(&B, &RECORD, ttl(), Precondition::Absent).await;
    let shown = assert_kind(set, StoreErrorKind::Unavailable);
    assert!(shown.contains("OOM"), "{shown}");
    let rename = store.rename(&A, &B, &RECORD, ttl(), old).await;
    assert_kind(rename, StoreErrorKind::Unavailable);
    let when = Precondition::Version(old);
    for ttl in [ttl(), past_its_stay(3)] {
        let set = store.set(&A, &RECORD, ttl, when).await;
        assert_kind(set, StoreErrorKind::Unavailable);
    }
    // Nothing has changed, in the index neither.
    assert_eq!(found(&store, &A).await.version, old);
    assert!(store.get(&B).await.unwrap().is_none());
    assert_eq!(self::entries(&mut admins[..3]).await, entries);
    for key in keys.iter().chain([&A]) {
        assert!(store.expire(key, past_its_stay(2)).await.unwrap());
        assert!(store.expire(key, past_its_stay(9)).await.unwrap());
    }
    assert_eq!(store.list("alice").await.unwrap().len(), 25);
    assert_eq!(self::entries(&mut admins[..3]).await, entries);
    for key in keys.iter().chain([&A]) {
        assert!(store.delete(key).await.unwrap());
    }
    assert!(store.list("alice").await.unwrap().is_empty());
}

/// How many entries the owner's index has, on whatever node it lies.
async fn entries(masters: &mut [Admin]) -> Vec<u64> {
    let mut found = Vec::new();
    for master in masters {
        let mut keys = redis::cmd("KEYS");
        let names: Vec<Vec<u8>> = master.query(keys.arg(index("alice"))).await;
        for name in names {
            let mut card = redis::cmd("ZCARD");
            found.push(master.query(card.arg(name)).await);
        }
    }
    found
}

/// Whoever comes next has to end what the mover could not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_was_decided_is_served_and_ended_by_a_full_node() {
    let Some(cluster) = Relayed::start() else {
        return;
    };
    let store = cluster.open().await;
    let [from, to] = cluster.two_apart().await;
    let old = create(&store, &from).await;
    let to_free = cluster.relay_of(&name(&to)).await;
    let to_free = to_free.hold(&[&name(&to), b"keep"]);
    let mover = store.clone();
    let moving = tokio::spawn(async move { mover.rename(&from, &to, &RECORD, ttl(), old).await });
    to_free.reached();
    let mut admin = cluster.admin_of(&name(&to)).await;
    let left = left(&mut admin, &to).await;
    fill(&mut admin).await;
    to_free.release();
    let moved = version(moving.await.unwrap().unwrap());
    assert!(store.get(&from).await.unwrap().is_none());
    assert_eq!(found(&store, &to).await.version, moved);
    // It lives no longer and no shorter than it was to.
    assert_eq!(self::left(&mut admin, &to).await, left);
    assert!(store.delete(&to).await.unwrap());
}

/// Until when this record lives, in milliseconds since 1970.
async fn left(admin: &mut Admin, key: &StoreKey) -> i64 {
    let mut until = redis::cmd("PEXPIRETIME");
    let until = admin.query(until.arg(name(key))).await;
    assert!(until > 0, "{until}");
    until
}
