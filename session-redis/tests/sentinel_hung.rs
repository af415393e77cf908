//! A sentinel that accepts connections and says nothing keeps nobody from asking the next one.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use server::{admin::Admin, records::A};
use session_core::{Store as _, StoreErrorKind};
use session_redis::{RedisOptions, RedisStore};
use session_test_servers::Sentinel;
use tokio::time::timeout;

/// Works after a few operations that fail in time, and from then on.
async fn works_soon(store: &RedisStore) {
    let mut failed = 0;
    while let Err(error) = store.get(&A).await {
        let typed = [StoreErrorKind::Timeout, StoreErrorKind::Unavailable];
        assert!(typed.contains(&error.kind()), "{error:?}");
        failed += 1;
        assert!(failed <= 3, "{error:?}");
    }
    for _ in 0..3 {
        assert!(store.get(&A).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_sentinel_is_passed_over() {
    let Some(group) = Sentinel::start() else {
        return;
    };
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let first = format!("redis+sentinel://{},", silent.local_addr().unwrap());
    let url = group.url().replace("redis+sentinel://", &first);
    let options = RedisOptions::url(&url).unwrap().connect(false);
    let options = options.connect_timeout(Duration::from_millis(800));
    let store = options.open().await.unwrap();
    works_soon(&store).await;
    let master = group.ports()[group.master()];
    let mut admin = Admin::of(&format!("redis://127.0.0.1:{master}")).await;
    let kill = ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"];
    for _ in 0..2 {
        assert!(admin.run::<u64>(&kill).await > 0);
        works_soon(&store).await;
    }
}

/// Two of them, and who asks gives up before a connection can be made in spite of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_sentinels_are_passed_over_by_requests_that_are_given_up() {
    let Some(group) = Sentinel::start() else {
        return;
    };
    let silent = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [first, second] = silent.each_ref().map(|it| it.local_addr().unwrap());
    let first = format!("redis+sentinel://{first},{second},");
    let url = group.url().replace("redis+sentinel://", &first);
    let options = RedisOptions::url(&url).unwrap().connect(false);
    let store = options.open().await.unwrap();
    let began = Instant::now();
    let deadline = Duration::from_secs(1);
    while !matches!(timeout(deadline, store.get(&A)).await, Ok(Ok(None))) {
        assert!(began.elapsed() < Duration::from_secs(6));
    }
}
