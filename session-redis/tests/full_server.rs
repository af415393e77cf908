//! What a server does whose memory is full: refuse what needs room, or forget sessions and nothing else.

mod server;

use server::{
    admin::Admin,
    records::{A, B, RECORD, assert_kind, create, found},
    ttl, version,
};
use session_core::{
    Maintain as _, NewRecord, OwnerIndex as _, Precondition, Store as _, StoreErrorKind, StoreKey,
    Ttl,
};
use session_redis::RedisStore;
use session_test_servers::{Kind, Server};

#[tokio::test]
async fn a_full_server_that_evicts_nothing_refuses_writes_and_ends_sessions() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    let old = create(&store, &A).await;
    admin
        .run::<()>(&["CONFIG", "SET", "maxmemory-policy", "noeviction"])
        .await;
    admin.run::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let set = store.set(&B, &RECORD, ttl(), Precondition::Absent).await;
    let shown = assert_kind(set, StoreErrorKind::Unavailable);
    assert!(shown.contains("OOM"), "{shown}");
    let when = Precondition::Version(old);
    assert_kind(
        store.set(&A, &RECORD, ttl(), when).await,
        StoreErrorKind::Unavailable,
    );
    let rename = store.rename(&A, &B, &RECORD, ttl(), old).await;
    assert_kind(rename, StoreErrorKind::Unavailable);
    // Nothing has changed.
    assert_eq!(found(&store, &A).await.version, old);
    assert!(store.get(&B).await.unwrap().is_none());
    // A renewal and a logout need no room.
    assert!(store.expire(&A, ttl()).await.unwrap());
    // Nor where its index has to hold it for longer.
    let past_its_stay = Ttl::from_secs(100_000).unwrap();
    assert!(store.expire(&A, past_its_stay).await.unwrap());
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
    assert!(store.delete(&A).await.unwrap());
    assert!(store.list("alice").await.unwrap().is_empty());
    admin.run::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
    create(&store, &B).await;
}

#[tokio::test]
async fn a_full_server_that_evicts_what_expires_forgets_sessions_and_no_index() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    let used = admin.info("memory", "used_memory").await;
    let limit = (used + 2_000_000).to_string();
    admin
        .run::<()>(&["CONFIG", "SET", "maxmemory-policy", "volatile-lru"])
        .await;
    admin
        .run::<()>(&["CONFIG", "SET", "maxmemory", &limit])
        .await;
    let data = [b'x'; 4096];
    let record = NewRecord::new(&data).owner(Some("alice"));
    for number in 0..1000_u32 {
        let key = StoreKey::digest(&number.to_be_bytes());
        version(
            store
                .set(&key, &record, ttl(), Precondition::Absent)
                .await
                .unwrap(),
        );
    }
    let evicted = admin.info("stats", "evicted_keys").await;
    assert!(evicted > 0, "{evicted}");
    admin.run::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
    // What is left is whole, found by its owner, and can be ended.
    let listed = store.list("alice").await.unwrap();
    assert_eq!(listed.len() as u64, store.count().await.unwrap());
    assert!(listed.iter().all(|listed| listed.record.data == data[..]));
    let left = store.count().await.unwrap();
    assert_eq!(store.delete_owner("alice", None).await.unwrap(), left);
    assert_eq!(store.count().await.unwrap(), 0);
}
