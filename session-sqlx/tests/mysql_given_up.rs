//! An operation that is given up while it looks which connections have died leaves none in disorder.

mod server;

use std::time::Duration;

use server::{
    database::{Database as _, private},
    ttl, version,
};
use session_core::{NewRecord, Precondition, Store as _, StoreKey};
use session_sqlx::{
    MySqlOptions,
    sqlx::{Connection as _, mysql::MySqlConnection},
};
use tokio::time::{sleep, timeout};

/// Shorter than the store waits for a connection to show that it lives.
const GIVEN_UP: Duration = Duration::from_millis(60);
const PATIENCE: Duration = Duration::from_secs(2);
const IDS: &str = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist
    WHERE user = 'root' AND id <> connection_id() ORDER BY id";

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
