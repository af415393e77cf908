//! What else lies on a server: other stores, other programs, and what was left in an index.

mod server;

use server::{
    admin::Admin,
    records::{A, B, RECORD, assert_kind, create, found, name},
    ttl, version,
};
use session_core::{
    Maintain as _, NewRecord, OwnerIndex as _, Precondition, SetOutcome, Store as _,
    StoreErrorKind, StoreKey, Version,
};
use session_redis::{
    RedisOptions, RedisStore,
    redis::{self, cluster::ClusterClient},
};
use session_test_servers::{Kind, Server, shared};

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

/// More than one script removes.
#[tokio::test]
async fn all_that_is_past_in_one_index_is_purged_at_once() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    create(&store, &A).await;
    add_past(&mut admin, 3000).await;
    assert_eq!(store.purge_expired(2500).await.unwrap(), 2500);
    assert_eq!(store.purge_expired(10_000).await.unwrap(), 500);
    add_past(&mut admin, 3000).await;
    assert_eq!(store.purge_expired(10_000).await.unwrap(), 3000);
    assert_eq!(store.purge_expired(10_000).await.unwrap(), 0);
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
}

/// Adds so many entries that are past to each index; the indexes.
async fn add_past(admin: &mut Admin, entries: u32) -> Vec<String> {
    let indexes: Vec<String> = admin.run(&["KEYS", "session:o:*"]).await;
    for index in &indexes {
        let mut add = redis::cmd("ZADD");
        add.arg(index);
        for number in 0..entries {
            add.arg(1000).arg(format!("past {number}"));
        }
        admin.query::<()>(&add).await;
    }
    indexes
}

#[tokio::test]
async fn a_key_of_another_type_among_the_records_keeps_no_record_from_being_deleted() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    // More than one step finds.
    for number in 0..1200_u32 {
        create(&store, &StoreKey::digest(&number.to_be_bytes())).await;
    }
    admin.run::<()>(&["LPUSH", &name(&B), "x"]).await;
    assert_kind(store.delete_all().await, StoreErrorKind::Corrupt);
    let left: Vec<Vec<u8>> = admin.run(&["KEYS", "session:s:*"]).await;
    assert_eq!(left.len(), 1, "all but the key of another type are gone");
    assert_eq!(left[0], name(&B).as_bytes());
    assert!(store.list("alice").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_key_of_another_type_in_a_cluster_keeps_no_record_from_being_deleted() {
    let Some(url) = shared(Kind::RedisCluster) else {
        return;
    };
    let prefix = server::fresh_prefix();
    let options = RedisOptions::url(&url).unwrap().prefix(&prefix);
    let store = options.open().await.unwrap();
    for number in 0..200_u32 {
        create(&store, &StoreKey::digest(&number.to_be_bytes())).await;
    }
    let client = ClusterClient::new(server::cluster_nodes()).unwrap();
    let mut cluster = client.get_async_connection().await.unwrap();
    let stray = [prefix.as_bytes(), b"s:", B.as_bytes()].concat();
    let push = redis::cmd("LPUSH").arg(&stray).arg("x").to_owned();
    push.query_async::<()>(&mut cluster).await.unwrap();
    assert_kind(store.delete_all().await, StoreErrorKind::Corrupt);
    for number in 0..200_u32 {
        let key = StoreKey::digest(&number.to_be_bytes());
        assert!(store.get(&key).await.unwrap().is_none());
    }
    let unlink = redis::cmd("UNLINK").arg(&stray).to_owned();
    let removed: u64 = unlink.query_async(&mut cluster).await.unwrap();
    assert_eq!(removed, 1);
}

#[tokio::test]
async fn a_key_of_another_type_among_the_indexes_keeps_no_index_from_being_purged() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    for number in 0..20_u32 {
        let owner = number.to_string();
        let record = NewRecord::new(b"data").owner(Some(&owner));
        let key = StoreKey::digest(&number.to_be_bytes());
        let set = store.set(&key, &record, ttl(), Precondition::Absent).await;
        version(set.unwrap());
    }
    let indexes = add_past(&mut admin, 10).await;
    assert_eq!(indexes.len(), 20);
    let stray = format!("session:o:{}", "a".repeat(40));
    admin.run::<()>(&["SET", &stray, "not an index"]).await;
    assert_kind(store.purge_expired(1000).await, StoreErrorKind::Corrupt);
    for index in &indexes {
        assert_eq!(admin.run::<u64>(&["ZCARD", index]).await, 1, "{index}");
    }
    assert_eq!(admin.run::<String>(&["GET", &stray]).await, "not an index");
}
