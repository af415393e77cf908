//! The level that `MySqlStore` sets for one statement of its own reaches no other, on a pool that it shares
//! with an application.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::time::Duration;

use server::database::private;
use session_core::{Maintain as _, OwnerIndex as _};
use session_sqlx::{
    MySqlStore,
    sqlx::{
        self, Executor as _, MySqlPool,
        mysql::{MySqlConnection, MySqlPoolOptions},
    },
};
use session_test_servers::Server;
use tokio::time::{sleep, timeout};

/// What an operation that is given up was waiting for: the answer to the level.
const GIVEN_UP: Duration = Duration::from_millis(100);

#[tokio::test]
async fn an_operation_that_is_given_up_leaves_no_level_to_the_next_transaction() {
    let Some((server, pool)) = shared_pool().await else {
        return;
    };
    let store = MySqlStore::from_pool(pool.clone());
    store.migrate().await.unwrap();
    assert_eq!(level(&pool).await, "SERIALIZABLE");
    macro_rules! given_up {
        ($($name:literal: $operation:expr),+ $(,)?) => {$(
            // The connection is idle: what is given up has got no further than the level.
            while pool.num_idle() == 0 {
                tokio::task::yield_now().await;
            }
            server.pause();
            let gave_up = timeout(GIVEN_UP, $operation).await.is_err();
            server.resume();
            assert!(gave_up, $name);
            assert_eq!(level(&pool).await, "SERIALIZABLE", $name);
        )+};
    }
    given_up! {
        "delete_owner": store.delete_owner("alice", None),
        "delete_all": store.delete_all(),
        "purge_expired": store.purge_expired(5),
    }
}

/// A statement that the server cannot even prepare does not use the level up.
#[tokio::test]
async fn an_operation_that_fails_leaves_no_level_to_the_next_transaction() {
    let Some((_server, pool)) = shared_pool().await else {
        return;
    };
    let store = MySqlStore::from_pool(pool.clone());
    // There is no table.
    store.delete_owner("alice", None).await.unwrap_err();
    assert_eq!(level(&pool).await, "SERIALIZABLE");
}

/// A pool of one connection, which an application has set to the safest level.
async fn shared_pool() -> Option<(Server, MySqlPool)> {
    let (server, url) = private::<MySqlConnection>().await?;
    let pool = MySqlPoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            let set = "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE";
            Box::pin(async move { connection.execute(set).await.map(drop) })
        });
    let pool = pool.connect(&url).await.unwrap();
    pool.execute("CREATE TABLE of_the_application (id INT) ENGINE = InnoDB")
        .await
        .unwrap();
    Some((server, pool))
}

/// The level at which the next transaction of the application runs, by what the storage engine says.
async fn level(pool: &MySqlPool) -> String {
    let mut transaction = pool.begin().await.unwrap();
    // A transaction that has read nothing is none yet.
    transaction
        .execute("SELECT count(*) FROM of_the_application LOCK IN SHARE MODE")
        .await
        .unwrap();
    // MariaDB looks again only if it was not asked for a tenth of a second.
    sleep(Duration::from_millis(110)).await;
    let level = "SELECT CAST(trx_isolation_level AS CHAR) FROM information_schema.innodb_trx
        WHERE trx_mysql_thread_id = connection_id()";
    let level = sqlx::query_scalar(level).fetch_one(&mut *transaction).await;
    transaction.rollback().await.unwrap();
    level.unwrap()
}
