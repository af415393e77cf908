//! What PostgreSQL and MariaDB going away means: typed errors in time, nothing lost, nothing to be done
//! once they are back.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]
#![expect(
    clippy::print_stdout,
    reason = "numbers for whoever runs it with --nocapture"
)]

mod server;

use std::{sync::Arc, time::Duration};

use server::{
    database::{Database, on_both, private},
    traffic::{PATIENCE, Traffic},
    ttl, version,
};
use session_core::{FullStore, NewRecord, Precondition, SetOutcome, StoreErrorKind, StoreKey};
use session_test_servers::{Kind, Server};
use tokio::task::JoinSet;

/// How long the store may need once its server is back.
const RECOVERY: Duration = Duration::from_secs(2);

on_both! {
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    a_killed_server_loses_no_acknowledged_write,
    a_stopped_server_loses_no_acknowledged_write,
    a_paused_server_loses_no_acknowledged_write,
    connections_that_the_server_closed_are_replaced_unnoticed,
    serializable_increments_add_up,
}

async fn a_killed_server_loses_no_acknowledged_write<D: Database>() {
    end_under_traffic::<D>("killed", Server::kill).await;
}

async fn a_stopped_server_loses_no_acknowledged_write<D: Database>() {
    end_under_traffic::<D>("stopped", Server::stop).await;
}

async fn end_under_traffic<D: Database>(how: &str, end: fn(&Server)) {
    let Some((server, url)) = private::<D>().await else {
        return;
    };
    let store = D::open(&url, "sessions", 10).await.unwrap();
    let traffic = Traffic::begin(&store).await;
    traffic.all_write().await;
    // The test has a thread of its own: the traffic goes on meanwhile.
    end(&server);
    traffic.all_fail().await;
    server.restart();
    let recovery = traffic.all_write().await;
    let seen = traffic.end().await;
    println!(
        "{:?} {how}: writes again after {recovery:?}; {seen:?}",
        D::KIND
    );
    assert!(recovery < RECOVERY, "{recovery:?}");
    assert_eq!(
        seen.unanswered, 0,
        "the store gives up before its caller does"
    );
}

async fn a_paused_server_loses_no_acknowledged_write<D: Database>() {
    let Some((server, url)) = private::<D>().await else {
        return;
    };
    let store = D::open(&url, "sessions", 10).await.unwrap();
    let traffic = Traffic::begin(&store).await;
    traffic.all_write().await;
    server.pause();
    traffic.all_fail().await;
    server.resume();
    let recovery = traffic.all_write().await;
    let seen = traffic.end().await;
    println!(
        "{:?} paused: writes again after {recovery:?}; {seen:?}",
        D::KIND
    );
    assert!(recovery < RECOVERY, "{recovery:?}");
}

/// As a server that restarts at night does, or one that has a time limit for idle connections.
async fn connections_that_the_server_closed_are_replaced_unnoticed<D: Database>() {
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    let store = D::open(&url, "sessions", 4).await.unwrap();
    let mut admin = D::connect(&url).await.unwrap();
    let (a, b) = (StoreKey::digest(b"a"), StoreKey::digest(b"b"));
    let (record, ttl) = (NewRecord::new(b"data").owner(Some("alice")), ttl());
    macro_rules! closed_before {
        ($operation:expr) => {{
            idle(&store, &mut admin, 4).await;
            admin.end_others().await;
            $operation.await
        }};
    }

    let created = closed_before!(store.set(&a, &record, ttl, Precondition::Absent));
    let swap = Precondition::Version(version(created.unwrap()));
    let swapped = version(closed_before!(store.set(&a, &record, ttl, swap)).unwrap());
    let got = closed_before!(store.get(&a)).unwrap().unwrap();
    assert_eq!(got.version, swapped);
    assert!(closed_before!(store.exists(&a)).unwrap());
    assert!(closed_before!(store.ttl(&a)).unwrap().is_some());
    assert!(closed_before!(store.expire(&a, ttl)).unwrap());
    assert_eq!(closed_before!(store.list("alice")).unwrap().len(), 1);
    assert_eq!(closed_before!(store.count()).unwrap(), 1);
    version(closed_before!(store.rename(&a, &b, &record, ttl, swapped)).unwrap());
    assert!(closed_before!(store.delete(&b)).unwrap());
    assert_eq!(closed_before!(store.purge_expired(10)).unwrap(), 0);

    if D::KIND == Kind::MariaDb {
        // The connection was found dead before the statement was sent, when the level was set.
        assert_eq!(closed_before!(store.delete_owner("bob", None)).unwrap(), 0);
        assert_eq!(closed_before!(store.delete_all()).unwrap(), 0);
    }

    // Nobody knows what others wrote since the connection was lost.
    let any = || store.set(&a, &record, ttl, Precondition::Any);
    match closed_before!(any()) {
        Ok(outcome) => drop(version(outcome)),
        Err(error) => {
            assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
            version(any().await.unwrap());
        }
    }
    assert_eq!(
        closed_before!(store.delete_owner("alice", None)).unwrap(),
        1
    );
}

/// Has the store keep so many connections, all of them idle.
async fn idle<D: Database>(store: &Arc<dyn FullStore>, admin: &mut D, connections: i64) {
    while admin.numbers(D::OTHERS).await != [connections] {
        let mut reads = JoinSet::new();
        for _ in 0..2 * connections {
            let store = Arc::clone(store);
            reads.spawn(async move { store.exists(&StoreKey::digest(b"any")).await.unwrap() });
        }
        reads.join_all().await;
    }
}

async fn serializable_increments_add_up<D: Database>() {
    const WRITERS: u64 = 32;
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    D::connect(&url).await.unwrap().run(D::SERIALIZABLE).await;
    let store = D::open(&url, "sessions", 16).await.unwrap();
    let key = StoreKey::digest(b"a");
    let record = NewRecord::new(&[0]);
    version(
        store
            .set(&key, &record, ttl(), Precondition::Absent)
            .await
            .unwrap(),
    );

    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (store, key) = (Arc::clone(&store), key);
        writers.spawn(async move {
            loop {
                let old = store.get(&key).await.unwrap().unwrap();
                let data = [old.data[0] + 1];
                let (record, when) = (NewRecord::new(&data), Precondition::Version(old.version));
                match store.set(&key, &record, ttl(), when).await.unwrap() {
                    SetOutcome::Stored(_) => break,
                    SetOutcome::Conflict => {}
                    other => panic!("{other:?}"),
                }
            }
        });
    }
    tokio::time::timeout(10 * PATIENCE, writers.join_all())
        .await
        .unwrap();
    let sum = store.get(&key).await.unwrap().unwrap().data[0];
    assert_eq!(u64::from(sum), WRITERS);
}
