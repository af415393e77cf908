//! An operation that is given up while its answer is coming in costs the store nothing.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::{
    panic,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use server::{
    database::{Database, on_both, private},
    ttl, version,
};
use session_core::{NewRecord, Precondition, SetOutcome, StoreKey, Version};
use session_test_servers::Relay;
use tokio::{
    runtime::Runtime,
    time::{sleep, timeout},
};

/// What an operation is given up after that has the beginning of its answer.
const GIVEN_UP: Duration = Duration::from_millis(100);
/// What one takes at most that has nothing to wait for.
const PATIENCE: Duration = Duration::from_secs(2);
const CONNECTIONS: u32 = 2;

on_both! {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    an_answer_that_is_cut_off_takes_no_connection_away,
    large_records_that_nobody_waits_for_stop_nobody,
    removals_that_wait_for_a_lock_take_no_more_connections_than_the_pool_has,
    what_is_dropped_outside_its_runtime_is_given_up_like_any_other,
}

/// The driver forgets where in an answer it was: the next one on the same connection would wait for bytes
/// that never come, or take the rest of this answer for its own.
async fn an_answer_that_is_cut_off_takes_no_connection_away<D: Database>() {
    let Some((server, url)) = private::<D>().await else {
        return;
    };
    let relay = Relay::to(server.port());
    let relayed = url.replace(&server.port().to_string(), &relay.port().to_string());
    let store = D::open(&relayed, "sessions", CONNECTIONS).await.unwrap();
    let (a, none) = (StoreKey::digest(b"a"), StoreKey::digest(b"none"));
    let (record, ttl) = (NewRecord::new(b"data").owner(Some("alice")), ttl());
    let any = Precondition::Any;
    let never = Precondition::Version(Version::unique());
    macro_rules! given_up {
        ($($name:literal: $operation:expr),+ $(,)?) => {$(
            for _ in 0..CONNECTIONS {
                // So that it is prepared, wherever it comes to run: its answer is the next one then.
                for _ in 0..CONNECTIONS {
                    drop(tokio::join!($operation, $operation));
                }
                version(store.set(&a, &record, ttl, any).await.unwrap());
                quiet(&relay).await;
                relay.hold_next_answer();
                let gave_up = timeout(GIVEN_UP, $operation).await.is_err();
                relay.release();
                quiet(&relay).await;
                assert!(gave_up, "{} was answered", $name);
            }
            for _ in 0..2 * CONNECTIONS {
                let found = timeout(PATIENCE, store.exists(&none)).await;
                assert!(!found.expect($name).unwrap(), "{}", $name);
                let set = timeout(PATIENCE, store.set(&a, &record, ttl, any)).await;
                let set = version(set.expect($name).unwrap());
                let got = timeout(PATIENCE, store.get(&a)).await.expect($name);
                assert_eq!(got.unwrap().unwrap().version, set, "{}", $name);
                let wrong = timeout(PATIENCE, store.set(&a, &record, ttl, never)).await;
                assert_eq!(wrong.expect($name).unwrap(), SetOutcome::Conflict, "{}", $name);
            }
        )+};
    }
    given_up! {
        "get": store.get(&a),
        "exists": store.exists(&a),
        "ttl": store.ttl(&a),
        "list": store.list("alice"),
        "count": store.count(),
        "set": store.set(&a, &record, ttl, any),
        "expire": store.expire(&a, ttl),
        "rename": store.rename(&none, &a, &record, ttl, Version::unique()),
        "delete": store.delete(&a),
        "delete_owner": store.delete_owner("alice", None),
        "purge_expired": store.purge_expired(5),
        "delete_all": store.delete_all(),
    }
}

/// Waits until no more round trips are made: what is given up may still be carried out.
async fn quiet(relay: &Relay) {
    let mut trips = relay.trips();
    loop {
        sleep(Duration::from_millis(25)).await;
        let before = std::mem::replace(&mut trips, relay.trips());
        if trips == before {
            return;
        }
    }
}

/// As a visitor does who calls up a page and closes it at once, again and again.
async fn large_records_that_nobody_waits_for_stop_nobody<D: Database>() {
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    let store = D::open(&url, "sessions", 4).await.unwrap();
    let key = StoreKey::digest(b"large");
    let data = vec![7; 1 << 20];
    let record = NewRecord::new(&data);
    let set = store.set(&key, &record, ttl(), Precondition::Any);
    version(set.await.unwrap());
    let began = Instant::now();
    drop(store.get(&key).await.unwrap());
    let whole = began.elapsed();
    for moment in 0..400 {
        drop(timeout(whole * (moment % 40) / 20, store.get(&key)).await);
    }
    for _ in 0..8 {
        let got = timeout(PATIENCE, store.get(&key)).await.unwrap().unwrap();
        assert_eq!(got.unwrap().data.len(), data.len());
    }
}

/// A server goes on with what it has begun, whether or not its client is still there.
async fn removals_that_wait_for_a_lock_take_no_more_connections_than_the_pool_has<D: Database>() {
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    let store = D::open(&url, "sessions", CONNECTIONS).await.unwrap();
    let key = StoreKey::digest(b"a");
    let record = NewRecord::new(b"data").owner(Some("alice"));
    let set = store.set(&key, &record, ttl(), Precondition::Any);
    version(set.await.unwrap());
    let mut holder = D::connect(&url).await.unwrap();
    let mut admin = D::connect(&url).await.unwrap();
    holder.run("BEGIN").await;
    holder.run("SELECT 1 FROM sessions FOR UPDATE").await;
    for _ in 0..4 {
        let removed = timeout(GIVEN_UP, store.delete_owner("alice", None)).await;
        removed.unwrap_err();
        timeout(GIVEN_UP, store.delete_all()).await.unwrap_err();
    }
    let others = admin.numbers(D::OTHERS).await;
    // The holder's is one.
    assert!(others[0] <= 1 + i64::from(CONNECTIONS), "{others:?}");
    holder.run("COMMIT").await;
    let found = timeout(PATIENCE, store.exists(&key)).await;
    assert!(!found.unwrap().unwrap(), "what was begun was done");
}

/// The thread on which a future is dropped, and what panics there: the runtime keeps that to itself.
const ELSEWHERE: &str = "elsewhere";
static PANICS: AtomicU32 = AtomicU32::new(0);

/// As a future is that a C library owns, or that outlives its runtime.
async fn what_is_dropped_outside_its_runtime_is_given_up_like_any_other<D: Database>() {
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    let store = D::open(&url, "sessions", 1).await.unwrap();
    let key = StoreKey::digest(b"a");
    let record = NewRecord::new(b"data");
    let mut holder = D::connect(&url).await.unwrap();
    let shows = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        if thread::current().name() == Some(ELSEWHERE) {
            PANICS.fetch_add(1, Ordering::Relaxed);
        }
        shows(panicked);
    }));
    let uncached = format!("{url}?statement-cache-capacity=0");
    for (url, outlives) in [
        (&url, false),
        (&url, true),
        (&uncached, false),
        (&uncached, true),
    ] {
        let set = store.set(&key, &record, ttl(), Precondition::Any);
        version(set.await.unwrap());
        holder.run("BEGIN").await;
        holder.run("SELECT 1 FROM sessions FOR UPDATE").await;
        let place = url.clone();
        let elsewhere = thread::Builder::new().name(ELSEWHERE.to_owned());
        let thread = elsewhere.spawn(move || {
            let runtime = Runtime::new().unwrap();
            let store = runtime.block_on(D::open(&place, "sessions", 1)).unwrap();
            runtime.block_on(store.exists(&key)).unwrap();
            let mut delete = store.delete(&key);
            let waited = async { timeout(GIVEN_UP, delete.as_mut()).await };
            runtime.block_on(waited).unwrap_err();
            if outlives {
                drop(runtime);
                drop(delete);
                return None;
            }
            drop(delete);
            Some((runtime, store))
        });
        let left = thread.unwrap().join().unwrap();
        assert_eq!(PANICS.load(Ordering::Relaxed), 0, "{url} {outlives}");
        holder.run("COMMIT").await;
        let Some((runtime, store)) = left else {
            continue;
        };
        let exists = async move { timeout(PATIENCE, store.exists(&key)).await };
        let thread = thread::spawn(move || runtime.block_on(exists).unwrap().is_ok());
        assert!(thread.join().unwrap());
    }
}
