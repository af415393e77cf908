//! In a cluster: whatever lives is in its owner's index, also where one key is used twice at the same time.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use server::{
    records::{RECORD, assert_listed},
    version,
};
use session_core::{OwnerIndex as _, Precondition, Store as _, StoreKey, Ttl};
use session_redis::{
    RedisOptions, RedisStore,
    redis::{self, cluster::ClusterClient, cluster_async::ClusterConnection},
};
use session_test_servers::{Kind, shared};

async fn store() -> Option<RedisStore> {
    let options = RedisOptions::url(&shared(Kind::RedisCluster)?).unwrap();
    Some(options.prefix(server::fresh_prefix()).open().await.unwrap())
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
    // It ended because of that, not of what it saw.
    assert!(looking.await.unwrap_err().is_cancelled());
    assert_listed(&store, &[key(200)]).await;
}

/// A move that was decided and not ended, because whoever made it was cut off: as it lies on the servers.
async fn leave_unsettled(
    cluster: &mut ClusterConnection,
    prefix: &str,
    from: &StoreKey,
    at: &StoreKey,
) {
    let name = |key: &StoreKey| [prefix.as_bytes(), b"s:", key.as_bytes()].concat();
    let mut value: Vec<u8> = redis::cmd("GET")
        .arg(name(at))
        .query_async(cluster)
        .await
        .unwrap();
    let mut note = value[..44].to_vec();
    (value[1], note[1]) = (1, 2);
    // From where, the version there, and until when it could be decided.
    value.extend(from.as_bytes());
    value.extend([0; 8]);
    value.extend([0; 8]);
    // Nobody's, with where it went for its data.
    note[42..].fill(0);
    note.extend(at.as_bytes());
    for (key, value) in [(from, note), (at, value)] {
        let mut set = redis::cmd("SET");
        set.arg(name(key)).arg(value).arg("PX").arg(600_000);
        set.query_async::<()>(cluster).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_move_onto_the_next_key_is_not_undone_by_who_looks_at_it() {
    let Some(url) = shared(Kind::RedisCluster) else {
        return;
    };
    let prefix = server::fresh_prefix();
    let options = RedisOptions::url(&url).unwrap().prefix(&prefix);
    let store = options.open().await.unwrap();
    let client = ClusterClient::new(server::cluster_nodes()).unwrap();
    let mut cluster = client.get_async_connection().await.unwrap();
    let ttl = Ttl::from_secs(600).unwrap();
    for round in 0_u32..60 {
        let named = |name: &str| StoreKey::digest(format!("{name} {round}").as_bytes());
        let (first, second, third) = (named("first"), named("second"), named("third"));
        let created = store.set(&second, &RECORD, ttl, Precondition::Absent).await;
        let old = version(created.unwrap());
        leave_unsettled(&mut cluster, &prefix, &first, &second).await;
        let lookers = (0..3).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { while store.get(&third).await.unwrap().is_none() {} })
        });
        let lookers: Vec<_> = lookers.collect();
        let moved = store.rename(&second, &third, &RECORD, ttl, old).await;
        let moved = version(moved.unwrap());
        let found = store.get(&third).await.unwrap();
        assert_eq!(
            found.map(|record| record.version),
            Some(moved),
            "round {round}"
        );
        for looker in lookers {
            looker.await.unwrap();
        }
        assert_listed(&store, &[first, second, third]).await;
    }
}
