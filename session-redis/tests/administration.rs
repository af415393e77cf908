//! What an administrator may do to a server: each a clear typed error or a correct result.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use server::{admin::Admin, ttl, version};
use session_core::{
    Maintain as _, NewRecord, OwnerIndex as _, Precondition, Record, SetOutcome, Store as _,
    StoreError, StoreErrorKind, StoreKey, Ttl, Version,
};
use session_redis::{RedisOptions, RedisStore, redis};
use session_test_servers::{Kind, Server};

const A: StoreKey = StoreKey::from_bytes([b'a'; 32]);
const B: StoreKey = StoreKey::from_bytes([b'b'; 32]);
const RECORD: NewRecord<'_> = NewRecord::new(b"data").owner(Some("alice"));

/// The name of a record, as an administrator would find it.
fn name(key: &StoreKey) -> String {
    format!("session:s:{}", String::from_utf8_lossy(key.as_bytes()))
}

async fn create(store: &RedisStore, key: &StoreKey) -> Version {
    let created = store.set(key, &RECORD, ttl(), Precondition::Absent);
    version(created.await.unwrap())
}

async fn found(store: &RedisStore, key: &StoreKey) -> Record {
    store.get(key).await.unwrap().unwrap()
}

#[track_caller]
fn assert_kind<T: std::fmt::Debug>(answer: Result<T, StoreError>, kind: StoreErrorKind) -> String {
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    format!("{error:?}")
}

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
    let past_its_stay = Ttl::from_secs(100_000).unwrap();
    assert!(store.expire(&A, past_its_stay).await.unwrap());
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
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

#[tokio::test]
async fn what_is_not_a_record_is_corrupt_and_can_be_removed() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    for not_a_record in [
        "",
        "x",
        "\u{1}\u{0}cut short",
        "some text that is longer than a header has to be",
    ] {
        admin.run::<()>(&["SET", &name(&A), not_a_record]).await;
        // What is empty is nothing.
        match store.get(&A).await {
            Ok(found) => assert!(not_a_record.is_empty() && found.is_none()),
            corrupt => drop(assert_kind(corrupt, StoreErrorKind::Corrupt)),
        }
        let when = Precondition::Version(Version::unique());
        let swapped = store.set(&A, &RECORD, ttl(), when).await.unwrap();
        assert!(!matches!(swapped, SetOutcome::Stored(_)));
        version(
            store
                .set(&A, &RECORD, ttl(), Precondition::Any)
                .await
                .unwrap(),
        );
        assert_eq!(found(&store, &A).await.data, "data");
        admin.run::<()>(&["SET", &name(&A), not_a_record]).await;
        store.delete(&A).await.unwrap();
        assert!(store.get(&A).await.unwrap().is_none(), "{not_a_record}");
    }

    admin.run::<()>(&["LPUSH", &name(&B), "x"]).await;
    assert_kind(store.get(&B).await, StoreErrorKind::Corrupt);
    assert_kind(store.expire(&B, ttl()).await, StoreErrorKind::Corrupt);
    let any = store.set(&B, &RECORD, ttl(), Precondition::Any).await;
    let shown = assert_kind(any, StoreErrorKind::Corrupt);
    assert!(shown.contains("WRONGTYPE"), "{shown}");
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
        "+zremrangebyscore",
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
            Ok(_) => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
            refused => break refused,
        }
    };
    assert_kind(refused, StoreErrorKind::Unavailable);
    admin.run::<()>(&["SCRIPT", "KILL"]).await;
    work.await.unwrap();
    create(&store, &A).await;
}

#[tokio::test]
async fn a_database_by_number_and_a_prefix_of_any_bytes_are_places_of_their_own() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let open = async |database: &str, prefix: &[u8]| {
        let options = RedisOptions::url(&format!("{}/{database}", server.url())).unwrap();
        options.prefix(prefix).open().await.unwrap()
    };
    // Each looks like a pattern, or like another one with something behind it.
    let prefixes: [&[u8]; 8] = [
        b"",
        b"s:",
        b"o:",
        b"*",
        b"[a-z]?\\",
        b"\0\xff\n",
        b"{",
        b"session:s:",
    ];
    let mut stores = Vec::new();
    for database in ["0", "1"] {
        for prefix in prefixes {
            stores.push(open(database, prefix).await);
        }
    }
    for store in &stores {
        create(store, &A).await;
        create(store, &B).await;
    }
    for (number, store) in stores.iter().enumerate() {
        assert_eq!(store.count().await.unwrap(), 2, "{number}");
        assert_eq!(store.list("alice").await.unwrap().len(), 2, "{number}");
        assert_eq!(store.purge_expired(100).await.unwrap(), 0, "{number}");
    }
    for (number, store) in stores.iter().enumerate() {
        assert_eq!(store.delete_all().await.unwrap(), 2, "{number}");
        for other in &stores[number + 1..] {
            assert_eq!(other.list("alice").await.unwrap().len(), 2);
        }
    }
}

#[tokio::test]
async fn what_is_past_in_an_index_is_purged_and_nothing_else() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    create(&store, &A).await;
    let indexes: Vec<String> = admin.run(&["KEYS", "session:o:*"]).await;
    let [index] = indexes.as_slice() else {
        panic!("{indexes:?}")
    };
    // It does not expire, so that a server that evicts what expires does not lose whose sessions are whose.
    assert_eq!(admin.run::<i64>(&["PTTL", index]).await, -1);
    for number in 0..20 {
        admin
            .run::<()>(&["ZADD", index, "1000", &format!("past {number}")])
            .await;
    }
    admin
        .run::<()>(&[
            "SET",
            &format!("session:o:{}", "z".repeat(40)),
            "not an index",
        ])
        .await;
    assert_eq!(store.purge_expired(5).await.unwrap(), 5);
    assert_eq!(store.purge_expired(100).await.unwrap(), 15);
    assert_eq!(store.purge_expired(100).await.unwrap(), 0);
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
}
