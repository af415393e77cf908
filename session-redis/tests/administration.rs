//! What an administrator may do to a server: each a clear typed error or a correct result.

mod server;

use std::time::Duration;

use server::{
    admin::Admin,
    records::{A, RECORD, assert_kind, create},
    ttl, version,
};
use session_core::{
    Maintain as _, OwnerIndex as _, Precondition, SetOutcome, Store as _, StoreErrorKind,
};
use session_redis::{RedisStore, redis};
use session_test_servers::{Kind, Server};

#[tokio::test]
async fn a_flushed_script_cache_goes_unnoticed() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    let mut old = create(&store, &A).await;
    for _ in 0..3 {
        admin.run::<()>(&["SCRIPT", "FLUSH"]).await;
        let when = Precondition::Version(old);
        old = version(store.set(&A, &RECORD, ttl(), when).await.unwrap());
    }
    admin.run::<()>(&["SCRIPT", "FLUSH"]).await;
    assert!(store.expire(&A, ttl()).await.unwrap());
    assert!(store.delete(&A).await.unwrap());
}

#[tokio::test]
async fn a_flushed_server_has_no_sessions_and_takes_new_ones() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    let old = create(&store, &A).await;
    admin.run::<()>(&["FLUSHALL"]).await;
    assert!(store.get(&A).await.unwrap().is_none());
    assert!(store.list("alice").await.unwrap().is_empty());
    let again = store
        .set(&A, &RECORD, ttl(), Precondition::Version(old))
        .await;
    assert_eq!(again.unwrap(), SetOutcome::Missing);
    create(&store, &A).await;
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_user_without_scripts_or_keys_is_unavailable() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let mut admin = Admin::of(&server.url()).await;
    let as_user = |user: &str| {
        server
            .url()
            .replace("redis://", &format!("redis://{user}:pass@"))
    };
    // All that the store needs, as docs/redis.md says.
    let enough = [
        "ACL",
        "SETUSER",
        "enough",
        "on",
        ">pass",
        "~session:*",
        "+get",
        "+set",
        "+getrange",
        "+setrange",
        "+unlink",
        "+pexpire",
        "+zadd",
        "+zrem",
        "+zrange",
        "+zrangebyscore",
        "+time",
        "+scan",
        "+evalsha",
        "+eval",
    ];
    admin.run::<()>(&enough).await;
    let store = RedisStore::open(&as_user("enough")).await.unwrap();
    create(&store, &A).await;
    assert!(store.expire(&A, ttl()).await.unwrap());
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
    assert_eq!(store.count().await.unwrap(), 1);
    assert_eq!(store.purge_expired(10).await.unwrap(), 0);
    assert_eq!(store.delete_owner("alice", None).await.unwrap(), 1);
    create(&store, &A).await;
    assert_eq!(store.delete_all().await.unwrap(), 1);

    let without = [
        "ACL",
        "SETUSER",
        "scriptless",
        "on",
        ">pass",
        "~*",
        "+@all",
        "-@scripting",
    ];
    admin.run::<()>(&without).await;
    let store = RedisStore::open(&as_user("scriptless")).await.unwrap();
    assert!(store.get(&A).await.unwrap().is_none());
    let set = store.set(&A, &RECORD, ttl(), Precondition::Absent).await;
    let shown = assert_kind(set, StoreErrorKind::Unavailable);
    assert!(shown.contains("permissions"), "{shown}");

    admin
        .run::<()>(&[
            "ACL",
            "SETUSER",
            "elsewhere",
            "on",
            ">pass",
            "~other:*",
            "+@all",
        ])
        .await;
    let store = RedisStore::open(&as_user("elsewhere")).await.unwrap();
    assert_kind(store.get(&A).await, StoreErrorKind::Unavailable);
    let set = store.set(&A, &RECORD, ttl(), Precondition::Absent).await;
    assert_kind(set, StoreErrorKind::Unavailable);

    let wrong = server.url().replace("redis://", "redis://enough:wrong@");
    let shown = assert_kind(RedisStore::open(&wrong).await, StoreErrorKind::Unavailable);
    assert!(!shown.contains("wrong@"), "{shown}");
}

#[tokio::test]
async fn a_busy_server_is_unavailable_until_it_is_not() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    admin
        .run::<()>(&["CONFIG", "SET", "busy-reply-threshold", "1"])
        .await;
    let mut busy = Admin::of(&server.url()).await;
    let work = tokio::spawn(async move {
        let mut script = redis::cmd("EVAL");
        script.arg("while true do end").arg(0);
        // It is killed.
        drop(busy.try_query(&script).await);
    });
    let refused = loop {
        match store.get(&A).await {
            Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            refused => break refused,
        }
    };
    assert_kind(refused, StoreErrorKind::Unavailable);
    admin.run::<()>(&["SCRIPT", "KILL"]).await;
    work.await.unwrap();
    create(&store, &A).await;
}
