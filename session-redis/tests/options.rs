//! What can be asked for, and a server cannot do as it is: it works all the same, or says what to do.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::{error::Error as _, time::Duration};

use server::{
    records::{A, B, RECORD, assert_kind},
    ttl, version,
};
use session_core::{
    OwnerIndex as _, Precondition, Store as _, StoreError, StoreErrorKind, StoreKey,
};
use session_redis::RedisOptions;
use session_test_servers::{Kind, Server, shared};
use tokio::time::timeout;

fn options(url: &str) -> RedisOptions {
    let options = RedisOptions::url(url).unwrap();
    options.prefix(server::fresh_prefix())
}

#[tokio::test]
async fn replicas_are_waited_for_with_any_patience() {
    let Some(url) = shared(Kind::RedisSentinel) else {
        return;
    };
    for patience in [Duration::MAX, Duration::from_secs(u64::MAX / 1000)] {
        let options = options(&url).wait_for_replicas(1, patience);
        let store = options.open().await.unwrap();
        let set = store.set(&A, &RECORD, ttl(), Precondition::Any).await;
        version(set.unwrap());
    }
}

/// Zero means for ever to the server.
#[tokio::test]
async fn no_patience_is_a_little_and_not_for_ever() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    for patience in [Duration::ZERO, Duration::from_nanos(1)] {
        let options = options(&server.url()).wait_for_replicas(1, patience);
        let store = options.open().await.unwrap();
        let set = store.set(&A, &RECORD, ttl(), Precondition::Any);
        let set = timeout(Duration::from_millis(900), set).await.unwrap();
        assert_kind(set, StoreErrorKind::Unavailable);
        assert!(store.get(&A).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_node_of_a_cluster_is_not_taken_for_a_server_without_a_word() {
    let Some(_) = shared(Kind::RedisCluster) else {
        return;
    };
    let node = server::cluster_nodes().remove(0);
    let store = options(&node).open().await.unwrap();
    let mut refused = 0;
    let mut check = |error: StoreError| {
        refused += 1;
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
        let source = error.source().unwrap();
        let told = source.to_string();
        assert!(told.contains("redis+cluster://"), "{error:?}");
        assert!(source.source().is_some(), "what the server said: {error:?}");
    };
    for number in 0_u32..16 {
        let key = StoreKey::digest(&number.to_be_bytes());
        let set = store.set(&key, &RECORD, ttl(), Precondition::Any).await;
        set.map(drop).unwrap_or_else(&mut check);
        let get = store.get(&key).await;
        get.map(drop).unwrap_or_else(&mut check);
        let delete = store.delete(&key).await;
        delete.map(drop).unwrap_or_else(&mut check);
    }
    let rename = store.rename(&A, &B, &RECORD, ttl(), session_core::Version::unique());
    check(rename.await.unwrap_err());
    for owner in ["alice", "bob", "carol", "dave"] {
        let list = store.list(owner).await;
        list.map(drop).unwrap_or_else(&mut check);
    }
    assert!(refused > 8, "{refused}");
}
