//! An operation that is given up before its statement was sent: it is not sent later, and no connection is left
//! in disorder.

mod server;

use std::time::Duration;

use server::{
    database::{Database as _, private},
    ttl, version,
};
use session_core::{NewRecord, OwnerIndex as _, Precondition, Store as _, StoreKey};
use session_sqlx::{
    MySqlOptions, MySqlStore,
    sqlx::{
        Connection as _,
        mysql::{MySqlConnection, MySqlPoolOptions},
    },
};
use session_test_servers::{Relay, Server};
use tokio::time::{sleep, timeout};

/// Shorter than the store waits for a connection to show that it lives.
const GIVEN_UP: Duration = Duration::from_millis(60);
const PATIENCE: Duration = Duration::from_secs(2);
/// After that, what the pool says to a connection that comes back is over, and what comes late is there.
const QUIET: Duration = Duration::from_millis(100);
const IDS: &str = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist
    WHERE user = 'root' AND id <> connection_id() ORDER BY id";
const PREPARED: &str = "SELECT CAST(variable_value AS SIGNED) FROM information_schema.global_status
    WHERE variable_name = 'Com_stmt_prepare'";

#[tokio::test]
async fn a_ping_that_is_cut_off_gives_no_answer_to_anybody_else() {
    let Some((server, url)) = private::<MySqlConnection>().await else {
        return;
    };
    let options = MySqlOptions::url(&url).unwrap().max_connections(2);
    let store = options.open().await.unwrap();
    let mut admin = MySqlConnection::connect(&url).await.unwrap();
    let key = StoreKey::digest(b"a");
    let record = NewRecord::new(b"data");
    // Each of the two is once the dead one that is found first.
    for dead in [0, 1, 0, 1] {
        let set = store.set(&key, &record, ttl(), Precondition::Any);
        let set = version(set.await.unwrap());
        while admin.numbers(IDS).await.len() != 2 {
            drop(tokio::join!(store.get(&key), store.get(&key)));
        }
        sleep(Duration::from_millis(30)).await;
        let id = admin.numbers(IDS).await[dead];
        admin.run(format!("KILL {id}")).await;
        while admin.numbers(IDS).await.len() != 1 {
            tokio::task::yield_now().await;
        }
        server.pause();
        timeout(GIVEN_UP, store.get(&key)).await.unwrap_err();
        server.resume();
        sleep(Duration::from_millis(200)).await;
        for _ in 0..4 {
            let got = timeout(PATIENCE, store.get(&key)).await.unwrap().unwrap();
            assert_eq!(got.unwrap().version, set);
        }
    }
}

/// Then a statement is prepared each time, and the driver goes on from there by itself.
#[tokio::test]
async fn what_is_given_up_while_it_is_prepared_does_not_come_later_without_a_cache_either() {
    let Some((server, url)) = private::<MySqlConnection>().await else {
        return;
    };
    let (relay, relayed) = through_a_relay(&server, &url);
    let relayed = format!("{relayed}?statement-cache-capacity=0");
    let options = MySqlOptions::url(&relayed).unwrap().max_connections(2); // as many may be given up
    let store = options.open().await.unwrap();
    let witness = MySqlOptions::url(&url).unwrap().open().await.unwrap();
    let key = StoreKey::digest(b"a");
    let (ours, theirs) = (NewRecord::new(b"ours"), NewRecord::new(b"theirs"));
    let any = Precondition::Any;
    // By then it is known that there is none.
    assert!(!store.exists(&key).await.unwrap());
    let mut admin = MySqlConnection::connect(&url).await.unwrap();
    admin.numbers(PREPARED).await;
    for _ in 0..2 {
        sleep(QUIET).await;
        relay.hold_next_answer();
        let given_up = timeout(GIVEN_UP, store.set(&key, &ours, ttl(), any)).await;
        given_up.unwrap_err();
        let set = witness.set(&key, &theirs, ttl(), any).await;
        let set = version(set.unwrap());
        relay.release();
        sleep(QUIET).await;
        assert_eq!(witness.get(&key).await.unwrap().unwrap().version, set);
        let got = timeout(PATIENCE, store.get(&key)).await.unwrap().unwrap();
        assert_eq!(got.unwrap().version, set);
        // It is not prepared twice for that.
        let before = admin.numbers(PREPARED).await;
        assert!(store.exists(&key).await.unwrap());
        assert_eq!(admin.numbers(PREPARED).await, [before[0] + 1]);
    }
}

/// A server goes on with what it has begun, also on a connection that is closed.
#[tokio::test]
async fn what_is_given_up_without_a_cache_leaves_no_more_connections_than_two_pools_have() {
    let Some((_server, url)) = private::<MySqlConnection>().await else {
        return;
    };
    let uncached = format!("{url}?statement-cache-capacity=0");
    let options = MySqlOptions::url(&uncached).unwrap().max_connections(2);
    let store = options.open().await.unwrap();
    let key = StoreKey::digest(b"a");
    let record = NewRecord::new(b"data");
    let set = store.set(&key, &record, ttl(), Precondition::Any);
    let set = version(set.await.unwrap());
    let mut admin = MySqlConnection::connect(&url).await.unwrap();
    let mut holder = MySqlConnection::connect(&url).await.unwrap();

    // What may come late keeps its place in the pool.
    holder.run("LOCK TABLES sessions WRITE").await;
    for _ in 0..3 {
        timeout(GIVEN_UP, store.get(&key)).await.unwrap_err();
        timeout(GIVEN_UP, store.exists(&key)).await.unwrap_err();
    }
    assert_eq!(admin.numbers(MySqlConnection::OTHERS).await, [1 + 2]);
    holder.run("UNLOCK TABLES").await;
    let got = timeout(PATIENCE, store.get(&key)).await.unwrap().unwrap();
    assert_eq!(got.unwrap().version, set);

    // What may not leaves one behind, but only so many.
    holder.run("BEGIN").await;
    holder.run("SELECT 1 FROM sessions FOR UPDATE").await;
    for _ in 0..4 {
        timeout(GIVEN_UP, store.expire(&key, ttl()))
            .await
            .unwrap_err();
        timeout(GIVEN_UP, store.delete(&key)).await.unwrap_err();
    }
    assert_eq!(admin.numbers(MySqlConnection::OTHERS).await, [1 + 2 + 2]);
    holder.run("COMMIT").await;
    let found = timeout(PATIENCE, store.exists(&key)).await;
    assert!(!found.unwrap().unwrap(), "what was begun was done");
}

/// What is sent first is the level; it is given up while that has no answer yet.
#[tokio::test]
async fn a_removal_that_was_given_up_does_not_come_later() {
    let Some((server, url)) = private::<MySqlConnection>().await else {
        return;
    };
    let (relay, relayed) = through_a_relay(&server, &url);
    let options = MySqlOptions::url(&relayed).unwrap().max_connections(1);
    let ender = options.open().await.unwrap();
    let witness = MySqlOptions::url(&url).unwrap().open().await.unwrap();
    assert_eq!(ender.delete_owner("alice", None).await.unwrap(), 0);
    sleep(QUIET).await;
    relay.hold_next_answer();
    let given_up = timeout(GIVEN_UP, ender.delete_owner("alice", None)).await;
    given_up.unwrap_err();
    let key = StoreKey::digest(b"begun since");
    let record = NewRecord::new(b"data").owner(Some("alice"));
    let set = witness.set(&key, &record, ttl(), Precondition::Absent);
    version(set.await.unwrap());
    relay.release();
    sleep(Duration::from_millis(300)).await;
    assert!(witness.exists(&key).await.unwrap());
    // And it can be said again.
    let again = timeout(2 * PATIENCE, ender.delete_owner("alice", None)).await;
    assert_eq!(again.unwrap().unwrap(), 1);
}

/// What makes the table may be kept waiting without an end, by a lock that somebody has.
#[tokio::test]
async fn a_migration_that_was_given_up_gives_its_connection_back_soon() {
    let Some((_server, url)) = private::<MySqlConnection>().await else {
        return;
    };
    let mut holder = MySqlConnection::connect(&url).await.unwrap();
    holder.run("FLUSH TABLES WITH READ LOCK").await;
    let pool = MySqlPoolOptions::new().max_connections(1);
    let pool = pool.connect(&url).await.unwrap();
    let store = MySqlStore::from_pool(pool.clone());
    timeout(GIVEN_UP, store.migrate()).await.unwrap_err();
    let acquired = timeout(2 * PATIENCE, pool.acquire()).await;
    drop(acquired.unwrap().unwrap());
    // And the server's wait has ended, though the lock is held: left are the holder's and the pool's new one.
    let mut admin = MySqlConnection::connect(&url).await.unwrap();
    let gone = async {
        while admin.numbers(MySqlConnection::OTHERS).await != [2] {
            sleep(QUIET).await;
        }
    };
    timeout(PATIENCE, gone).await.unwrap();
}

fn through_a_relay(server: &Server, url: &str) -> (Relay, String) {
    let relay = Relay::to(server.port());
    let relayed = url.replace(&server.port().to_string(), &relay.port().to_string());
    (relay, relayed)
}
