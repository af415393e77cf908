//! The near cache: what it serves is what the server has, but for as long as word of a change travels.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]
#![expect(
    clippy::print_stdout,
    reason = "numbers for whoever runs it with --nocapture"
)]

mod server;

use std::time::{Duration, Instant};

use server::{admin::Admin, ttl, version};
use session_core::{
    Maintain as _, NewRecord, OwnerIndex as _, Precondition, SetOutcome, Store as _, StoreKey, Ttl,
};
use session_redis::{NearCache, RedisOptions, RedisStore};
use session_test_servers::{Kind, Server};

const RECORD: NewRecord<'_> = NewRecord::new(b"data").owner(Some("alice"));
const KEY: StoreKey = StoreKey::from_bytes([7; 32]);
/// Longer than any test: what is served is not read again for its age.
const FOR_LONG: Duration = Duration::from_secs(600);

async fn near(server: &Server) -> RedisStore {
    let options = RedisOptions::url(&server.url()).unwrap();
    let near = NearCache::new(1 << 20).max_age(FOR_LONG);
    options.near_cache(near).open().await.unwrap()
}

async fn create(store: &RedisStore, key: &StoreKey) {
    let created = store.set(key, &RECORD, ttl(), Precondition::Absent).await;
    version(created.unwrap());
}

/// Reads until it is in the cache, which the first read may already be.
async fn warm(store: &RedisStore, key: &StoreKey) {
    for _ in 0..2 {
        assert!(store.get(key).await.unwrap().is_some());
    }
}

/// How long until a node refuses what another one has revoked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_revoked_elsewhere_is_refused_as_soon_as_word_of_it_comes() {
    const TRIES: usize = 1000;
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let (here, there) = (near(&server).await, near(&server).await);
    let mut times = Vec::new();
    for number in 0..TRIES {
        let key = StoreKey::digest(&number.to_be_bytes());
        create(&there, &key).await;
        warm(&here, &key).await;
        // By turns, each way to end a session.
        match number % 3 {
            0 => assert!(there.delete(&key).await.unwrap()),
            1 => assert_eq!(there.delete_owner("alice", None).await.unwrap(), 1),
            _ => assert_eq!(there.delete_all().await.unwrap(), 1),
        }
        let revoked = Instant::now();
        while here.get(&key).await.unwrap().is_some() {
            assert!(
                revoked.elapsed() < Duration::from_secs(5),
                "it is served on"
            );
        }
        times.push(revoked.elapsed());
    }
    times.sort();
    let at = |percent: usize| times[(TRIES - 1) * percent / 100];
    println!(
        "refused after: half {:?}, 90% {:?}, 99% {:?}, all {:?}",
        at(50),
        at(90),
        at(99),
        at(100)
    );
}

/// Whatever the order of the answer to a write and of the word that the record has changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_read_is_older_than_a_write_that_was_acknowledged() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = near(&server).await;
    create(&store, &KEY).await;
    let newest = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (store, newest) = (store.clone(), newest.clone());
        readers.spawn(async move {
            let mut reads = 0_u64;
            loop {
                // A hit never waits, and the writer needs its turn.
                tokio::task::yield_now().await;
                let least = newest.load(std::sync::atomic::Ordering::SeqCst);
                let data = store.get(&KEY).await.unwrap().unwrap().data;
                let Ok(number) = data.as_ref().try_into().map(u64::from_be_bytes) else {
                    continue;
                };
                if number == u64::MAX {
                    return reads;
                }
                assert!(number >= least, "{number} read after {least}");
                reads += 1;
            }
        });
    }
    for number in (1..2000).chain([u64::MAX]) {
        let data = number.to_be_bytes();
        let record = NewRecord::new(&data);
        let set = store.set(&KEY, &record, ttl(), Precondition::Any);
        version(set.await.unwrap());
        newest.store(number, std::sync::atomic::Ordering::SeqCst);
        tokio::task::yield_now().await;
    }
    let reads: u64 = readers.join_all().await.into_iter().sum();
    println!("{reads} reads beside 2000 writes");
}

#[tokio::test]
async fn what_is_stale_overwrites_nothing() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let (here, there) = (near(&server).await, near(&server).await);
    create(&here, &KEY).await;
    warm(&here, &KEY).await;
    let stale = here.get(&KEY).await.unwrap().unwrap();
    let record = NewRecord::new(b"new");
    let any = there.set(&KEY, &record, ttl(), Precondition::Any);
    version(any.await.unwrap());
    let when = Precondition::Version(stale.version);
    let set = here.set(&KEY, &NewRecord::new(b"old"), ttl(), when).await;
    assert_eq!(set.unwrap(), SetOutcome::Conflict);
    assert_eq!(here.get(&KEY).await.unwrap().unwrap().data, "new");
}

#[tokio::test]
async fn a_lost_connection_empties_it() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let here = near(&server).await;
    let mut admin = Admin::of(&server.url()).await;
    for round in 0..20 {
        create(&here, &KEY).await;
        warm(&here, &KEY).await;
        let kill = ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"];
        assert!(admin.run::<u64>(&kill).await > 0);
        // Nobody tells of this any more.
        admin.run::<()>(&["FLUSHALL"]).await;
        let lost = Instant::now();
        while here.get(&KEY).await.unwrap().is_some() {
            assert!(lost.elapsed() < Duration::from_secs(5), "it is served on");
            tokio::task::yield_now().await;
        }
        if round == 0 {
            println!(
                "refused {:?} after the connection was closed",
                lost.elapsed()
            );
        }
    }
}

#[tokio::test]
async fn a_flushed_server_empties_it() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let here = near(&server).await;
    let mut admin = Admin::of(&server.url()).await;
    create(&here, &KEY).await;
    warm(&here, &KEY).await;
    admin.run::<()>(&["FLUSHALL"]).await;
    let flushed = Instant::now();
    while here.get(&KEY).await.unwrap().is_some() {
        assert!(
            flushed.elapsed() < Duration::from_secs(5),
            "it is served on"
        );
        // A hit never waits, and what hears of it needs its turn.
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_record_is_not_served_past_its_time_nor_past_its_age() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let here = near(&server).await;
    for millis in 10..60 {
        let ttl = Ttl::from_millis(millis).unwrap();
        let set = here.set(&KEY, &RECORD, ttl, Precondition::Any).await;
        version(set.unwrap());
        let written = Instant::now();
        loop {
            // Before it is served: what holds this test up afterwards is nobody's fault.
            let late = written.elapsed().saturating_sub(ttl.as_duration());
            let Some(record) = here.get(&KEY).await.unwrap() else {
                break;
            };
            assert!(record.expires_in <= ttl.as_duration());
            assert!(late < Duration::from_millis(50), "{late:?} too late");
        }
    }

    // Nobody hears of anything while the server is paused; so nothing is served for longer than this.
    let age = Duration::from_millis(200);
    let options = RedisOptions::url(&server.url())
        .unwrap()
        .response_timeout(age);
    let options = options.near_cache(NearCache::new(1 << 20).max_age(age));
    let here = options.open().await.unwrap();
    create(&here, &KEY).await;
    warm(&here, &KEY).await;
    server.pause();
    let paused = Instant::now();
    while here.get(&KEY).await.is_ok() {}
    assert!(paused.elapsed() < 4 * age, "{:?}", paused.elapsed());
    server.resume();
}

#[tokio::test]
async fn it_keeps_no_more_than_it_may() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let options = RedisOptions::url(&server.url()).unwrap();
    let near = NearCache::new(100_000).max_age(FOR_LONG);
    let store = options.near_cache(near).open().await.unwrap();
    let data = [b'x'; 10_000];
    let mut keys = Vec::new();
    for number in 0..200_u32 {
        let key = StoreKey::digest(&number.to_be_bytes());
        let record = NewRecord::new(&data);
        let set = store.set(&key, &record, ttl(), Precondition::Any);
        version(set.await.unwrap());
        warm(&store, &key).await;
        keys.push(key);
    }
    let mut admin = Admin::of(&server.url()).await;
    let before = admin.calls().await["get"];
    for key in &keys {
        assert_eq!(store.get(key).await.unwrap().unwrap().data, data[..]);
    }
    let read = admin.calls().await["get"] - before;
    assert!(read >= 190, "only {read} of 200 had to be read again");
}

/// A connection over which nothing comes any more tells nothing either.
#[tokio::test]
async fn a_connection_that_is_given_up_empties_it() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let options = RedisOptions::url(&server.url()).unwrap();
    let near = NearCache::new(1 << 20).max_age(FOR_LONG);
    let patience = Duration::from_millis(100);
    let options = options.near_cache(near).response_timeout(patience);
    let here = options.connect_timeout(patience).open().await.unwrap();
    create(&here, &KEY).await;
    warm(&here, &KEY).await;
    server.pause();
    assert!(here.get(&KEY).await.unwrap().is_some());
    let other = StoreKey::digest(b"another");
    assert!(here.get(&other).await.is_err());
    assert!(here.get(&KEY).await.is_err(), "it is served on");
    server.resume();
    assert!(here.get(&KEY).await.unwrap().is_some());
}

#[tokio::test]
async fn an_age_that_no_clock_reaches_is_none() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let options = RedisOptions::url(&server.url()).unwrap();
    let near = NearCache::new(1 << 20).max_age(Duration::MAX);
    let here = options.near_cache(near).open().await.unwrap();
    create(&here, &KEY).await;
    warm(&here, &KEY).await;
    server.pause();
    assert!(here.get(&KEY).await.unwrap().is_some());
    server.resume();
}
