//! A migration that is given up takes no connection away.

mod server;

use std::time::Duration;

use server::database::{Database as _, private};
use session_sqlx::{
    PostgresStore,
    sqlx::{Connection as _, PgConnection, postgres::PgPoolOptions},
};
use tokio::time::{sleep, timeout};

const GIVEN_UP: Duration = Duration::from_millis(100);
/// Longer than the store waits for the answer to it.
const PATIENCE: Duration = Duration::from_secs(4);

/// What makes the table may be kept waiting without an end, by a lock that somebody has.
#[tokio::test]
async fn a_migration_that_was_given_up_gives_its_connection_back_soon() {
    let Some((_server, url)) = private::<PgConnection>().await else {
        return;
    };
    let mut holder = PgConnection::connect(&url).await.unwrap();
    holder
        .run("ALTER DATABASE app SET client_connection_check_interval = '200ms'")
        .await;
    holder
        .run("SELECT pg_advisory_lock(hashtext('session-sqlx'))")
        .await;
    let pool = PgPoolOptions::new().max_connections(1);
    let pool = pool.connect(&url).await.unwrap();
    let store = PostgresStore::from_pool(pool.clone());
    timeout(GIVEN_UP, store.migrate()).await.unwrap_err();
    let acquired = timeout(PATIENCE, pool.acquire()).await;
    drop(acquired.unwrap().unwrap());
    // And the server's wait ends, as it is told, though the lock is held: left are the holder's and the pool's new one.
    let mut admin = PgConnection::connect(&url).await.unwrap();
    let gone = async {
        while admin.numbers(PgConnection::OTHERS).await != [2] {
            sleep(GIVEN_UP).await;
        }
    };
    timeout(PATIENCE, gone).await.unwrap();
}
