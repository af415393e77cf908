//! Requests whose callers give up before a connection is made: what they began is done for the others.

mod server;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use server::{
    admin::Admin,
    records::{A, create},
};
use session_core::{Store as _, StoreKey};
use session_redis::{RedisOptions, redis};
use session_test_servers::{Cluster, Kind, Relay, Server};
use tokio::time::{sleep, timeout};

/// Less than a connection may take.
const DEADLINE: Duration = Duration::from_secs(1);

fn numbered(number: u32) -> StoreKey {
    StoreKey::digest(&number.to_be_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_made_for_whoever_comes_next() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let relay = Relay::to(server.port());
    relay.hold_next_answer();
    let options = RedisOptions::url(&format!("redis://127.0.0.1:{}", relay.port())).unwrap();
    let store = options.connect(false).open().await.unwrap();
    for _ in 0..3 {
        let given_up = timeout(Duration::from_millis(100), store.get(&A)).await;
        assert!(given_up.is_err());
    }
    relay.release();
    assert!(store.get(&A).await.unwrap().is_none());
    let mut admin = Admin::of(&server.url()).await;
    let clients: String = admin.run(&["CLIENT", "LIST", "TYPE", "normal"]).await;
    // One of them asks.
    assert_eq!(clients.lines().count(), 2, "{clients}");
}

/// One that has begun to connect, and goes no further.
#[test]
fn nobody_waits_for_a_runtime_that_stands_still() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let relay = Relay::to(server.port());
    relay.hold_next_answer();
    let runtime = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap()
    };
    let (still, other) = (runtime(), runtime());
    let options = RedisOptions::url(&format!("redis://127.0.0.1:{}", relay.port())).unwrap();
    let store = still.block_on(options.connect(false).open()).unwrap();
    still.block_on(async {
        let given_up = timeout(Duration::from_millis(50), store.get(&A)).await;
        assert!(given_up.is_err());
    });
    relay.release();
    let read = other.block_on(async { timeout(DEADLINE, store.get(&A)).await });
    assert!(read.unwrap().unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_given_up_is_closed() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let options = RedisOptions::url(&server.url()).unwrap();
    let options = options.response_timeout(Duration::from_millis(100));
    let store = options.open().await.unwrap();
    server.pause();
    assert!(store.get(&A).await.is_err());
    server.resume();
    let mut admin = Admin::of(&server.url()).await;
    let began = Instant::now();
    loop {
        let clients: String = admin.run(&["CLIENT", "LIST", "TYPE", "normal"]).await;
        if clients.lines().count() == 1 {
            break;
        }
        assert!(began.elapsed() < DEADLINE, "{clients}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// A master that hangs takes connections and says nothing, for longer than anybody waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_replica_of_a_hung_master_is_found_by_requests_that_are_given_up() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let options = RedisOptions::url(&cluster.url()).unwrap();
    let options = options.response_timeout(Duration::from_millis(500));
    let store = options.open().await.unwrap();
    let keys: Vec<_> = (0..32).map(numbered).collect();
    for key in &keys {
        create(&store, key).await;
    }
    sleep(Duration::from_millis(300)).await;
    let hung = cluster.master_of(0);
    let replica = cluster.ports()[hung + 3];
    let mut replica = Admin::of(&format!("redis://127.0.0.1:{replica}")).await;
    cluster.pause(hung);
    let mut elected = None;
    loop {
        let reads = keys.iter().map(|key| timeout(DEADLINE, store.get(key)));
        let reads = join_all(reads).await;
        if reads.iter().all(|read| matches!(read, Ok(Ok(Some(_))))) {
            break;
        }
        if elected.is_none() {
            let role: Vec<redis::Value> = replica.run(&["ROLE"]).await;
            let master = redis::Value::BulkString(b"master".to_vec());
            elected = (role.first() == Some(&master)).then(Instant::now);
        }
        let since = elected.map(|at| at.elapsed());
        assert!(since < Some(Duration::from_secs(4)), "{reads:?}");
        sleep(Duration::from_millis(20)).await;
    }
}
