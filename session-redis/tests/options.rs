//! What can be asked for, and a server cannot do as it is: it works all the same, or says what to do.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::time::Duration;

use server::{
    records::{A, RECORD, assert_kind},
    ttl, version,
};
use session_core::{Precondition, Store as _, StoreErrorKind};
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
