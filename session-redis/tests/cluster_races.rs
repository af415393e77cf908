//! In a cluster: whatever lives is in its owner's index, also where one key is used twice at the same time.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use server::version;
use session_core::{NewRecord, OwnerIndex as _, Precondition, Store as _, StoreKey, Ttl};
use session_redis::{RedisOptions, RedisStore};
use session_test_servers::{Kind, shared};

const RECORD: NewRecord<'_> = NewRecord::new(b"data").owner(Some("alice"));

async fn store() -> Option<RedisStore> {
    let options = RedisOptions::url(&shared(Kind::RedisCluster)?).unwrap();
    Some(options.prefix(server::fresh_prefix()).open().await.unwrap())
}

/// What lives is listed, and is gone once the owner is signed out.
async fn assert_listed(store: &RedisStore, keys: &[StoreKey]) {
    let mut living = Vec::new();
    for key in keys {
        living.extend(store.get(key).await.unwrap().map(|_| *key));
    }
    let listed = store.list("alice").await.unwrap();
    let mut listed: Vec<_> = listed.iter().map(|it| it.key).collect();
    living.sort();
    listed.sort();
    assert_eq!(living, listed);
    let removed = store.delete_owner("alice", None).await.unwrap();
    assert_eq!(removed, living.len() as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_record_that_is_begun_again_while_it_ends_is_listed() {
    let Some(store) = store().await else {
        return;
    };
    let (long, short) = (Ttl::from_secs(6000).unwrap(), Ttl::from_secs(600).unwrap());
    for round in 0_u32..150 {
        let key = StoreKey::digest(&round.to_be_bytes());
        let created = store.set(&key, &RECORD, long, Precondition::Absent).await;
        version(created.unwrap());
        let (ender, beginner) = (store.clone(), store.clone());
        let ending = tokio::spawn(async move { ender.delete(&key).await.unwrap() });
        let beginning = tokio::spawn(async move {
            let absent = Precondition::Absent;
            for _ in 0..3 {
                let _ = beginner.set(&key, &RECORD, short, absent).await.unwrap();
            }
        });
        assert!(ending.await.unwrap());
        beginning.await.unwrap();
        assert_listed(&store, &[key]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_moves_to_one_key_the_one_that_succeeds_is_listed() {
    let Some(store) = store().await else {
        return;
    };
    let ttl = Ttl::from_secs(600).unwrap();
    for round in 0_u32..100 {
        let named =
            |name: u32| StoreKey::digest(&[round.to_be_bytes(), name.to_be_bytes()].concat());
        let to = named(9);
        let mut tasks = tokio::task::JoinSet::new();
        for from in (0..4).map(named) {
            let created = store.set(&from, &RECORD, ttl, Precondition::Absent).await;
            let old = version(created.unwrap());
            let mover = store.clone();
            tasks.spawn(async move {
                let moved = mover.rename(&from, &to, &RECORD, ttl, old).await;
                let _ = moved.unwrap();
            });
        }
        for from in (0..2).map(named) {
            let ender = store.clone();
            tasks.spawn(async move {
                let _ = ender.delete(&from).await.unwrap();
            });
        }
        tasks.join_all().await;
        let keys: Vec<_> = (0..4).map(named).chain([to]).collect();
        assert_listed(&store, &keys).await;
    }
}

/// A record whose own move was decided and not ended moves on, while others look at where it goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_record_that_moves_on_and_on_is_never_lost() {
    let Some(store) = store().await else {
        return;
    };
    let ttl = Ttl::from_secs(600).unwrap();
    let key = |number: u32| StoreKey::digest(&number.to_be_bytes());
    let created = store.set(&key(0), &RECORD, ttl, Precondition::Absent).await;
    let mut old = version(created.unwrap());
    let looker = store.clone();
    let looking = tokio::spawn(async move {
        loop {
            // Ends, and must not undo, what it finds half done.
            let _ = looker.list("alice").await.unwrap();
        }
    });
    for number in 0..200 {
        let (from, to) = (key(number), key(number + 1));
        let moved = store.rename(&from, &to, &RECORD, ttl, old).await;
        old = version(moved.unwrap());
        assert!(store.get(&from).await.unwrap().is_none());
        assert_eq!(store.get(&to).await.unwrap().unwrap().version, old);
    }
    looking.abort();
    assert_listed(&store, &[key(200)]).await;
}
