//! What a pool costs beside the store's own connection: counted in round trips, and shown as a ratio.
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

use server::{ttl, version};
use session_core::{NewRecord, Precondition, Store as _, StoreErrorKind, StoreKey};
use session_redis::{
    RedisOptions, RedisStore,
    deadpool_redis::{Config, Pool, PoolConfig, Runtime},
};
use session_test_servers::{Kind, Relay, Server};

const KEY: StoreKey = StoreKey::from_bytes([1; 32]);

fn pool(url: &str, size: usize) -> Pool {
    let mut config = Config::from_url(url);
    config.pool = Some(PoolConfig::new(size));
    config.create_pool(Some(Runtime::Tokio1)).unwrap()
}

#[tokio::test]
async fn a_pool_makes_two_round_trips_where_its_own_connection_makes_one() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let relay = Relay::to(server.port());
    let url = format!("redis://127.0.0.1:{}", relay.port());
    let own = RedisStore::open(&url).await.unwrap();
    let pooled = RedisStore::from_pool(pool(&url, 1));
    let mut trips = Vec::new();
    for store in [&own, &pooled] {
        // The first ones make the connection, and the store knows the server's clock.
        let record = NewRecord::new(b"data");
        version(
            store
                .set(&KEY, &record, ttl(), Precondition::Any)
                .await
                .unwrap(),
        );
        let before = relay.trips();
        for _ in 0..10 {
            assert!(store.get(&KEY).await.unwrap().is_some());
        }
        trips.push(relay.trips() - before);
    }
    assert_eq!(trips, [10, 20]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ratio_of_reads_in_a_second() {
    const CLIENTS: usize = 64;
    const READS: usize = 30;
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let own = RedisStore::open(&server.url()).await.unwrap();
    let pooled = RedisStore::from_pool(pool(&server.url(), 16));
    let data = [b'x'; 500];
    let record = NewRecord::new(&data);
    version(
        own.set(&KEY, &record, ttl(), Precondition::Any)
            .await
            .unwrap(),
    );
    let mut took = [0.0, 0.0];
    // By turns, so that a busy moment of the machine is nobody's alone.
    for _ in 0..5 {
        for (store, took) in [&own, &pooled].into_iter().zip(&mut took) {
            let began = Instant::now();
            let mut clients = tokio::task::JoinSet::new();
            for _ in 0..CLIENTS {
                let store = store.clone();
                clients.spawn(async move {
                    for _ in 0..READS {
                        assert!(store.get(&KEY).await.unwrap().is_some());
                    }
                });
            }
            clients.join_all().await;
            *took += began.elapsed().as_secs_f64();
        }
    }
    let reads = (5 * CLIENTS * READS) as f64;
    let [own, pooled] = took.map(|took| reads / took);
    println!(
        "reads a second: its own connection {own:.0}, a pool of 16 {pooled:.0}: {:.1} times",
        own / pooled
    );
}

#[tokio::test]
async fn a_pool_that_is_used_up_or_closed_is_a_typed_error() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let pool = pool(&server.url(), 1);
    let builder = RedisStore::builder(pool.clone());
    let store = builder.connect_timeout(Duration::from_millis(50)).build();
    let taken = pool.get().await.unwrap();
    let error = store.get(&KEY).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Timeout, "{error:?}");
    drop(taken);
    assert!(store.get(&KEY).await.unwrap().is_none());
    pool.close();
    let error = store.get(&KEY).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
}

/// The wait for replicas comes on top of that for the answer, which the server gives up to a tenth of a second
/// late (that often it looks whose wait is over), and twice: a script that it does not know yet waits too.
#[tokio::test]
async fn a_write_that_no_replica_has_in_time_is_unavailable_over_either() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let (response, patience) = (Duration::from_secs(1), Duration::from_millis(1200));
    let own = RedisOptions::url(&server.url()).unwrap();
    let own = own.response_timeout(response);
    let own = own.wait_for_replicas(1, patience).open().await.unwrap();
    let pooled = RedisStore::builder(pool(&server.url(), 1)).response_timeout(response);
    let pooled = pooled.wait_for_replicas(1, patience).build();
    let unheard = async |store: RedisStore| {
        let record = NewRecord::new(b"data");
        let set = store.set(&KEY, &record, ttl(), Precondition::Any).await;
        let error = set.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
    };
    tokio::join!(unheard(own), unheard(pooled));
}
