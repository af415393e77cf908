//! A master that became a replica while its connections stay: whoever writes to it learns that another one is
//! to be asked.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::time::Duration;

use server::{
    admin::Admin,
    records::{A, RECORD, assert_kind},
    ttl, version,
};
use session_core::{Precondition, Store as _, StoreErrorKind};
use session_redis::RedisOptions;
use session_test_servers::{Kind, Relay, Server};

/// Makes one server the replica of the other, and waits until it has what that one has.
async fn follow(replica: &Server, master: &Server) {
    let port = master.port().to_string();
    let mut admin = Admin::of(&replica.url()).await;
    let order = ["REPLICAOF", "127.0.0.1", &port];
    admin.run::<()>(&order).await;
    let mut admin = Admin::of(&master.url()).await;
    admin.run::<()>(&["SET", "a write", "to wait for"]).await;
    assert_eq!(admin.run::<u64>(&["WAIT", "1", "8000"]).await, 1);
}

async fn is_given_up(options: impl Fn(RedisOptions) -> RedisOptions) {
    let start = || Server::start_with(Kind::Redis, &["--repl-diskless-sync", "no"]);
    let (Some(first), Some(second)) = (start(), start()) else {
        return;
    };
    follow(&second, &first).await;
    // A name that leads to the master, whichever it is.
    let relay = Relay::to(first.port());
    let url = format!("redis://127.0.0.1:{}", relay.port());
    let store = options(RedisOptions::url(&url).unwrap());
    let store = store.open().await.unwrap();
    let set = || store.set(&A, &RECORD, ttl(), Precondition::Any);
    version(set().await.unwrap());

    let mut admin = Admin::of(&second.url()).await;
    admin.run::<()>(&["REPLICAOF", "NO", "ONE"]).await;
    relay.lead_to(second.port());
    follow(&first, &second).await;
    // The first one may find out for the others.
    if let Err(error) = set().await {
        assert_kind(Err::<(), _>(error), StoreErrorKind::Unavailable);
    }
    for _ in 0..3 {
        version(set().await.unwrap());
    }
    assert!(store.get(&A).await.unwrap().is_some());
}

#[tokio::test]
async fn a_master_that_became_a_replica_is_given_up() {
    is_given_up(|options| options).await;
}

#[tokio::test]
async fn a_master_that_became_a_replica_is_given_up_by_who_waits_for_replicas() {
    is_given_up(|options| options.wait_for_replicas(1, Duration::from_millis(500))).await;
}
