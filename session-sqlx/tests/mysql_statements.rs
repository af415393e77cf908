//! How many statements an operation costs, as MariaDB itself logs them, how often they are prepared,
//! and by which index each goes.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]
#![expect(
    clippy::print_stdout,
    reason = "numbers for whoever runs it with --nocapture"
)]

mod server;

use server::{
    database::{Database as _, private},
    operations::{Log, run_all},
};
use session_core::Maintain as _;
use session_sqlx::{
    MySqlStore,
    sqlx::{
        self, AssertSqlSafe, Connection as _, MySqlPool, Row as _,
        mysql::{MySqlConnection, MySqlPoolOptions},
    },
};

/// What `run_all` has the store prepare.
const STATEMENTS: usize = 13;

#[tokio::test]
async fn every_operation_is_one_statement_by_an_index_and_prepared_once() {
    let Some((_server, url)) = private::<MySqlConnection>().await else {
        return;
    };
    let mut admin = MySqlConnection::connect(&url).await.unwrap();
    admin
        .run("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = 1")
        .await;
    // One connection: it is free again when the server has ended what it was told to run.
    let pool = MySqlPoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false);
    let pool = pool.connect(&url).await.unwrap();
    let store = MySqlStore::from_pool(pool.clone());
    store.migrate().await.unwrap();
    let mut log = GeneralLog {
        admin,
        pool,
        prepared: Vec::new(),
        isolations: 0,
    };

    for _ in 0..2 {
        let names = run_all(&store, &mut log).await;
        println!("MariaDB, one statement each: {names:?}");
        // The first round has prepared them all.
        assert_eq!(log.prepared.len(), STATEMENTS, "{:#?}", log.prepared);
        // Before two calls of `delete_owner`, and before `purge_expired` looks for something to do.
        assert_eq!(std::mem::take(&mut log.isolations), 3);
    }

    // One statement finds what has expired, one removes it.
    log.admin.run(FILL).await;
    assert_eq!(store.purge_expired(500).await.unwrap(), 500);
    let purge = log.drain().await;
    assert_eq!(purge.len(), 2, "{purge:#?}");
    // Before each of the two.
    assert_eq!(log.isolations, 2);
    let (mut by_key, mut by_owner, mut purging) = (0, 0, 0);
    for text in log.prepared.clone() {
        let plan = log.explain(&text).await;
        let goes_by = |index| {
            assert!(plan.contains(index), "{text}\n{plan}");
            assert!(!plan.contains(" ALL "), "{text}\n{plan}");
        };
        if text.contains("SKIP LOCKED") {
            goes_by(" range sessions_by_expiry ");
            purging += 1;
        } else if text.contains("id IN (") {
            goes_by(" range PRIMARY ");
            purging += 1;
        } else if text.contains("user_id = ? AND") {
            goes_by(" sessions_by_owner ");
            by_owner += 1;
        } else if text.contains("WHERE id = ?") {
            goes_by(" PRIMARY ");
            by_key += 1;
        }
    }
    // The others are the upserts, which find their row by the key that they insert, and `count`, which
    // sees every row that lives.
    assert_eq!((by_key, by_owner, purging), (7, 2, 2));
}

/// Enough rows for a plan to matter: one in ten has expired, and an owner has four.
const FILL: &str = "INSERT INTO sessions
    SELECT UNHEX(SHA2(seq, 256)), CONCAT('owner', seq DIV 4), UNHEX(SHA2(seq, 256)),
        TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000
            + IF(seq % 10 = 0, -1000, 3600000),
        0, 0, seq
    FROM seq_1_to_20000;
    ANALYZE TABLE sessions";

/// What the server logs of the pool's connection.
struct GeneralLog {
    admin: MySqlConnection,
    pool: MySqlPool,
    /// The texts of all statements that were prepared.
    prepared: Vec<String>,
    /// How often the next statement's isolation level was set.
    isolations: usize,
}

impl Log for GeneralLog {
    async fn drain(&mut self) -> Vec<String> {
        drop(self.pool.acquire().await.unwrap());
        let sql =
            "SELECT CAST(command_type AS CHAR), CAST(argument AS BINARY) FROM mysql.general_log
            WHERE thread_id <> connection_id() AND command_type IN ('Prepare', 'Execute', 'Query')
            ORDER BY event_time";
        let entries = sqlx::query_as(sql).fetch_all(&mut self.admin).await;
        self.admin.run("TRUNCATE mysql.general_log").await;
        let mut ran = Vec::new();
        for (command, text) in entries.unwrap() {
            let (command, text): (String, Vec<u8>) = (command, text);
            // With the values of its parameters in it, keys among them.
            let text = String::from_utf8_lossy(&text).into_owned();
            if command == "Prepare" {
                self.prepared.push(text);
            } else if text.starts_with("SET TRANSACTION ISOLATION LEVEL ") {
                self.isolations += 1;
            } else {
                ran.push(text);
            }
        }
        ran
    }
}

impl GeneralLog {
    /// The type of access, the key and so on for each table of the plan.
    async fn explain(&mut self, text: &str) -> String {
        // Of a row that is there and living, else the plan is that there is nothing to do.
        let key = "UNHEX(SHA2(1, 256))";
        let text = text
            .replace("user_id = ?", "user_id = 'owner1'")
            .replace("id = ?", &format!("id = {key}"))
            .replace("id <=> ?", &format!("id <=> {key}"))
            .replace("id IN (?", &format!("id IN ({key}"))
            .replace(",?", ",UNHEX(SHA2(2, 256))")
            .replace('?', "1");
        let sql = AssertSqlSafe(format!("EXPLAIN {text}"));
        let rows = sqlx::query(sql).fetch_all(&mut self.admin).await.unwrap();
        let rows = rows.iter().map(|row| {
            let column = |name| row.get::<Option<String>, _>(name).unwrap_or_default();
            format!(
                " {} {} {}\n",
                column("type"),
                column("key"),
                column("Extra")
            )
        });
        rows.collect()
    }
}
