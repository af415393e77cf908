//! How many commands an operation costs, as the server counts and shows them, and how many bytes a session.
#![expect(
    clippy::print_stdout,
    reason = "numbers for whoever runs it with --nocapture"
)]

mod server;

use std::collections::BTreeMap;

use server::{admin::Admin, ttl, version};
use session_core::{
    Maintain as _, NewRecord, OwnerIndex as _, Precondition, ServerSideBackend, SetOutcome,
    Store as _, StoreKey, Version,
};
use session_redis::{NearCache, RedisOptions, RedisStore, redis};
use session_test_servers::{Kind, Relay, Server};

/// What a client sends for the operations of a session. What a script calls is counted by the server as well,
/// but never one of these.
const SENT: [&str; 6] = [
    "get",
    "evalsha",
    "eval",
    "mget",
    "client|tracking",
    "script|load",
];

#[tokio::test]
async fn every_operation_is_one_command_and_one_round_trip() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let relay = Relay::to(server.port());
    let url = format!("redis://127.0.0.1:{}", relay.port());
    let store = RedisStore::open(&url).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    let (a, b) = (StoreKey::digest(b"a"), StoreKey::digest(b"b"));
    let (record, ttl) = (NewRecord::new(b"data").owner(Some("alice")), ttl());
    let mut table = Vec::new();
    macro_rules! one {
        ($name:literal, $operation:expr) => {{
            let (before, trips) = (admin.calls().await, relay.trips());
            let answer = $operation.await.unwrap();
            let trips = relay.trips() - trips;
            let calls = more(&before, &admin.calls().await);
            table.push(($name, calls.clone(), trips));
            answer
        }};
    }

    // The first time, each script is sent as a whole.
    for _ in 0..2 {
        table.clear();
        let absent = Precondition::Absent;
        version(one!("set Absent", store.set(&a, &record, ttl, absent)));
        let refused = one!("set Absent, refused", store.set(&a, &record, ttl, absent));
        assert_eq!(refused, SetOutcome::Conflict);
        let any = Precondition::Any;
        let old = version(one!("set Any", store.set(&a, &record, ttl, any)));
        let when = Precondition::Version(old);
        let new = version(one!("set Version", store.set(&a, &record, ttl, when)));
        assert!(one!("get", store.get(&a)).is_some());
        assert!(one!("get of absent", store.get(&b)).is_none());
        assert!(one!("exists", store.exists(&a)));
        assert!(one!("ttl", store.ttl(&a)).is_some());
        assert!(one!("expire", store.expire(&a, ttl)));
        assert!(!one!("expire of absent", store.expire(&b, ttl)));
        version(one!("rename", store.rename(&a, &b, &record, ttl, new)));
        let wrong = Version::unique();
        let refused = one!("rename, refused", store.rename(&b, &a, &record, ttl, wrong));
        assert_eq!(refused, SetOutcome::Conflict);
        assert_eq!(one!("list", store.list("alice")).len(), 1);
        assert!(one!("delete", store.delete(&b)));
        assert!(!one!("delete of absent", store.delete(&b)));
        assert_eq!(one!("delete_owner", store.delete_owner("alice", None)), 0);
    }
    for (name, calls, trips) in &table {
        println!("{name}: {trips} round trip, {calls:?}");
        let command = if ["get", "get of absent", "exists", "ttl"].contains(name) {
            "get"
        } else {
            "evalsha"
        };
        // A `list` has the script read what it returns.
        let sent = calls.iter().filter(|(called, _)| {
            SENT.contains(&called.as_str()) && (*name != "list" || *called != "get")
        });
        assert_eq!(
            sent.collect::<Vec<_>>(),
            [(&command.to_owned(), &1)],
            "{name}"
        );
        assert_eq!(*trips, 1, "{name}");
    }
    // Every trace of it is gone, the index included.
    assert_eq!(admin.run::<u64>(&["DBSIZE"]).await, 0);
}

/// What was called more often.
fn more(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let more = after.iter().map(|(name, calls)| {
        let before = before.get(name).copied().unwrap_or(0);
        (name.clone(), calls - before)
    });
    // Asking is counted too.
    more.filter(|(name, more)| *more > 0 && name != "info")
        .collect()
}

#[tokio::test]
async fn a_hit_of_the_near_cache_is_no_command() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let options = RedisOptions::url(&server.url()).unwrap();
    let store = options
        .near_cache(NearCache::new(1 << 20))
        .open()
        .await
        .unwrap();
    let mut admin = Admin::of(&server.url()).await;
    let key = StoreKey::digest(b"a");
    let record = NewRecord::new(b"data").owner(Some("alice"));
    let set = store.set(&key, &record, ttl(), Precondition::Absent);
    let set = version(set.await.unwrap());

    let before = admin.calls().await;
    assert_eq!(store.get(&key).await.unwrap().unwrap().version, set);
    let missed = more(&before, &admin.calls().await);
    println!("a miss: {missed:?}");
    assert_eq!(missed.get("get"), Some(&1));
    assert_eq!(missed.get("client|tracking"), Some(&1));
    assert_eq!(missed.len(), 2, "{missed:?}");

    let before = admin.calls().await;
    for _ in 0..100 {
        let read = store.get(&key).await.unwrap().unwrap();
        assert_eq!((read.version, read.owner.as_deref()), (set, Some("alice")));
        assert!(store.exists(&key).await.unwrap());
    }
    assert_eq!(more(&before, &admin.calls().await), BTreeMap::new());
}

/// As docs/redis.md says. A session of 8 keys and about 500 bytes, as the benchmark has it.
#[tokio::test]
async fn a_session_takes_little_more_than_its_bytes() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let backend = ServerSideBackend::builder(store.clone()).build().unwrap();
    let session = backend.load(None).await.unwrap();
    for key in 0..8 {
        let value = "x".repeat(53);
        session.insert(format!("key-{key}"), &value).unwrap();
    }
    let _ = backend.store(&session).await.unwrap();

    let mut admin = Admin::of(&server.url()).await;
    let names: Vec<Vec<u8>> = admin.run(&["KEYS", "session:s:*"]).await;
    let [name] = names.as_slice() else {
        panic!("{names:?}")
    };
    let key = StoreKey::try_from(&name["session:s:".len()..]).unwrap();
    let data = store.get(&key).await.unwrap().unwrap().data.len() as u64;
    let mut strlen = redis::cmd("STRLEN");
    let value: u64 = admin.query(strlen.arg(name)).await;
    let mut usage = redis::cmd("MEMORY");
    let usage: u64 = admin.query(usage.arg("USAGE").arg(name)).await;
    // The same bytes under the same name and nothing else.
    let mut set = redis::cmd("SET");
    let raw = "x".repeat(data as usize);
    let other = [&b"session:r:"[..], key.as_bytes()].concat();
    admin
        .query::<()>(set.arg(&other).arg(raw).arg("EX").arg(1000))
        .await;
    let mut least = redis::cmd("MEMORY");
    let least: u64 = admin.query(least.arg("USAGE").arg(&other)).await;
    println!("data {data} B, value {value} B, in memory {usage} B, the data alone {least} B");
    assert_eq!(value, data + 44);
    assert!(usage <= least + 128, "{usage} {least}");
}

/// One index entry for each session of an owner, and none for the others.
#[tokio::test]
async fn housekeeping_goes_in_steps() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    let (record, ttl) = (NewRecord::new(b"data").owner(Some("alice")), ttl());
    for number in 0..2500_u32 {
        let key = StoreKey::digest(&number.to_be_bytes());
        version(
            store
                .set(&key, &record, ttl, Precondition::Absent)
                .await
                .unwrap(),
        );
    }
    // Others' names, which look like ours and are not.
    admin.run::<()>(&["SET", "session:s:short", "x"]).await;
    admin.run::<()>(&["SET", "session:", "x"]).await;
    assert_eq!(store.count().await.unwrap(), 2500);
    assert_eq!(store.list("alice").await.unwrap().len(), 2500);
    let before = admin.calls().await;
    assert_eq!(store.count().await.unwrap(), 2500);
    let scans = more(&before, &admin.calls().await)["scan"];
    assert!(scans >= 5, "{scans}");
    let spared = StoreKey::digest(&7_u32.to_be_bytes());
    assert_eq!(
        store.delete_owner("alice", Some(&spared)).await.unwrap(),
        2499
    );
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
    assert_eq!(store.delete_all().await.unwrap(), 1);
    assert_eq!(admin.run::<u64>(&["DBSIZE"]).await, 2);
}
