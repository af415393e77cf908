//! What Redis going away means: typed errors in time, nothing lost, nothing to be done once it is back.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]
#![expect(
    clippy::print_stdout,
    reason = "numbers for whoever runs it with --nocapture"
)]

mod server;

use std::{sync::Arc, time::Duration};

use server::{admin::Admin, traffic::Traffic, ttl, version};
use session_core::{FullStore, NewRecord, Precondition, Store as _, StoreErrorKind, StoreKey};
use session_redis::{NearCache, RedisOptions, RedisStore};
use session_test_servers::{Kind, Server};

/// How long the store may need once its server is back.
const RECOVERY: Duration = Duration::from_secs(2);

fn plain(url: &str) -> RedisOptions {
    RedisOptions::url(url).unwrap()
}

fn near(url: &str) -> RedisOptions {
    // So short that nobody reads from the cache for as long as the server is away.
    plain(url).near_cache(NearCache::new(1 << 20).max_age(Duration::from_millis(200)))
}

macro_rules! both_ways {
    ($($test:ident),+ $(,)?) => {
        mod without_a_near_cache {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test(super::plain).await;
            })+
        }

        mod with_a_near_cache {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test(super::near).await;
            })+
        }
    };
}

both_ways! {
    a_killed_server_loses_no_acknowledged_write,
    a_stopped_server_loses_no_acknowledged_write,
    a_paused_server_loses_no_acknowledged_write,
    a_connection_that_the_server_closed_is_replaced_unnoticed,
    a_server_that_is_not_there_is_unavailable_at_once,
}

async fn a_killed_server_loses_no_acknowledged_write(options: fn(&str) -> RedisOptions) {
    end_under_traffic("killed", options, Server::kill).await;
}

async fn a_stopped_server_loses_no_acknowledged_write(options: fn(&str) -> RedisOptions) {
    end_under_traffic("stopped", options, Server::stop).await;
}

async fn end_under_traffic(how: &str, options: fn(&str) -> RedisOptions, end: fn(&Server)) {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store: Arc<dyn FullStore> = Arc::new(options(&server.url()).open().await.unwrap());
    let traffic = Traffic::begin(&store).await;
    traffic.all_write().await;
    end(&server);
    traffic.all_fail().await;
    server.restart();
    let recovery = traffic.all_write().await;
    let seen = traffic.end().await;
    println!("{how}: writes again after {recovery:?}; {seen:?}");
    assert!(recovery < RECOVERY, "{recovery:?}");
    assert_eq!(
        seen.unanswered, 0,
        "the store gives up before its caller does"
    );
}

async fn a_paused_server_loses_no_acknowledged_write(options: fn(&str) -> RedisOptions) {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let options = options(&server.url()).response_timeout(Duration::from_millis(500));
    let store: Arc<dyn FullStore> = Arc::new(options.open().await.unwrap());
    let traffic = Traffic::begin(&store).await;
    traffic.all_write().await;
    server.pause();
    traffic.all_fail().await;
    server.resume();
    let recovery = traffic.all_write().await;
    let seen = traffic.end().await;
    println!("paused: writes again after {recovery:?}; {seen:?}");
    assert!(recovery < RECOVERY, "{recovery:?}");
    assert_eq!(
        seen.unanswered, 0,
        "the store gives up before its caller does"
    );
}

/// As a server that restarts at night does, or one that has a time limit for idle connections.
async fn a_connection_that_the_server_closed_is_replaced_unnoticed(
    options: fn(&str) -> RedisOptions,
) {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = options(&server.url()).open().await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    let (a, b) = (StoreKey::digest(b"a"), StoreKey::digest(b"b"));
    let (record, ttl) = (NewRecord::new(b"data").owner(Some("alice")), ttl());
    macro_rules! closed_before {
        ($operation:expr) => {{
            let kill = ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"];
            admin.run::<u64>(&kill).await;
            $operation.await
        }};
    }
    let _ = store.get(&a).await.unwrap();
    let created = closed_before!(store.set(&a, &record, ttl, Precondition::Absent));
    let swap = Precondition::Version(version(created.unwrap()));
    let swapped = version(closed_before!(store.set(&a, &record, ttl, swap)).unwrap());
    let got = closed_before!(store.get(&a)).unwrap().unwrap();
    assert_eq!(got.version, swapped);
    assert!(closed_before!(store.exists(&a)).unwrap());
    assert!(closed_before!(store.expire(&a, ttl)).unwrap());
    version(closed_before!(store.rename(&a, &b, &record, ttl, swapped)).unwrap());
    assert!(closed_before!(store.delete(&b)).unwrap());

    // Nobody knows what others wrote since the connection was lost.
    let any = || store.set(&a, &record, ttl, Precondition::Any);
    match closed_before!(any()) {
        Ok(outcome) => drop(version(outcome)),
        Err(error) => {
            assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
            version(any().await.unwrap());
        }
    }
}

async fn a_server_that_is_not_there_is_unavailable_at_once(options: fn(&str) -> RedisOptions) {
    let nobody = "redis://127.0.0.1:1";
    let error = options(nobody).open().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
    let store = options(nobody).connect(false).open().await.unwrap();
    let mut reads = tokio::task::JoinSet::new();
    let began = std::time::Instant::now();
    for _ in 0..100 {
        let store = store.clone();
        reads.spawn(async move { store.get(&StoreKey::digest(b"a")).await.unwrap_err().kind() });
    }
    for kind in reads.join_all().await {
        assert_eq!(kind, StoreErrorKind::Unavailable);
    }
    assert!(began.elapsed() < RECOVERY, "{:?}", began.elapsed());
}

/// What waits for a connection waits together, not one after another.
#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_is_a_timeout_for_all_at_once() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", silent.local_addr().unwrap());
    let patience = Duration::from_millis(300);
    let options = plain(&url).connect(false);
    let store = options.connect_timeout(patience).response_timeout(patience);
    let store = store.open().await.unwrap();
    let began = std::time::Instant::now();
    let mut reads = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let store: RedisStore = store.clone();
        reads.spawn(async move { store.get(&StoreKey::digest(b"a")).await.unwrap_err().kind() });
    }
    for kind in reads.join_all().await {
        assert_eq!(kind, StoreErrorKind::Timeout);
    }
    assert!(began.elapsed() < 4 * patience, "{:?}", began.elapsed());
}
