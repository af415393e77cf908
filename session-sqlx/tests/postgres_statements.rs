//! How many statements an operation costs, as PostgreSQL itself counts them, how often they are
//! prepared, and by which index each goes.
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
    PostgresStore,
    sqlx::{
        self, AssertSqlSafe, Connection as _, PgPool,
        postgres::{PgConnection, PgPoolOptions},
    },
};

/// The statements that the store has prepared after all its operations.
const STATEMENTS: usize = 14;

#[tokio::test]
async fn every_operation_is_one_statement_by_an_index_and_prepared_once() {
    let Some((_server, url)) = private::<PgConnection>().await else {
        return;
    };
    let mut admin = PgConnection::connect(&url).await.unwrap();
    admin.run("CREATE EXTENSION pg_stat_statements").await;
    // One connection: it is free again when the server has ended what it was told to run.
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false);
    let pool = pool.connect(&url).await.unwrap();
    let store = PostgresStore::from_pool(pool.clone());
    store.migrate().await.unwrap();
    let mut log = Statistics { admin, pool };

    for _ in 0..2 {
        let names = run_all(&store, &mut log).await;
        println!("Postgres, one statement each: {names:?}");
        assert_eq!(store.delete_all().await.unwrap(), 0);
        assert_eq!(log.drain().await.len(), 1, "delete_all");
        // Its first round has prepared them all.
        assert_eq!(prepared(&log.pool).await.len(), STATEMENTS);
    }

    log.admin.run(FILL).await;
    let (mut by_key, mut by_owner, mut by_expiry) = (0, 0, 0);
    for statement in prepared(&log.pool).await {
        let (plan, text) = (explain(&log.pool, &statement).await, statement.text);
        let goes_by = |index| {
            assert!(plan.contains(index), "{text}\n{plan}");
            assert!(!plan.contains("Seq Scan"), "{text}\n{plan}");
        };
        if text.contains("LIMIT $1") {
            goes_by("Index Scan using sessions_by_expiry");
            goes_by("Index Scan on sessions_pkey");
            by_expiry += 1;
        } else if text.contains("id = $1") && !text.contains("user_id = $1") {
            goes_by("Index Scan using sessions_pkey");
            by_key += 1;
        } else if text.contains("user_id = $1") {
            goes_by("sessions_by_owner");
            by_owner += 1;
        } else if text.starts_with("INSERT") {
            goes_by("Conflict Arbiter Indexes: sessions_pkey");
            by_key += 1;
        }
    }
    // The other two, `count` and `delete_all`, see every row that lives, or all.
    assert_eq!((by_key, by_owner, by_expiry), (9, 2, 1));
}

/// Enough rows for a plan to matter: one in ten has expired, and an owner has four.
const FILL: &str = "INSERT INTO sessions
    SELECT sha256(n::text::bytea), 'owner' || n / 4, sha256(n::text::bytea),
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint
            + CASE WHEN n % 10 = 0 THEN -1000 ELSE 3600000 END,
        0, 0, n
    FROM generate_series(1, 20000) AS n;
    ANALYZE sessions";

/// What `pg_stat_statements` counts.
struct Statistics {
    admin: PgConnection,
    pool: PgPool,
}

impl Log for Statistics {
    async fn drain(&mut self) -> Vec<String> {
        drop(self.pool.acquire().await.unwrap());
        let sql = "SELECT query FROM pg_stat_statements, generate_series(1, calls)
            WHERE query NOT LIKE '%pg_stat_statements%'";
        let ran = sqlx::query_scalar(sql).fetch_all(&mut self.admin).await;
        self.admin.run("SELECT pg_stat_statements_reset()").await;
        ran.unwrap()
    }
}

/// A statement that the pool's connection has prepared.
struct Prepared {
    name: String,
    text: String,
    parameters: i32,
}

async fn prepared(pool: &PgPool) -> Vec<Prepared> {
    let sql =
        "SELECT name, statement AS text, coalesce(cardinality(parameter_types), 0) AS parameters
        FROM pg_prepared_statements WHERE statement NOT LIKE '%pg_prepared_statements%'";
    let statements = sqlx::query_as(sql).persistent(false).fetch_all(pool);
    let statements: Vec<(String, String, i32)> = statements.await.unwrap();
    let prepared = |(name, text, parameters)| Prepared {
        name,
        text,
        parameters,
    };
    statements.into_iter().map(prepared).collect()
}

/// The plan for any parameters, of the very statement that the driver has prepared.
async fn explain(pool: &PgPool, statement: &Prepared) -> String {
    let nulls = vec!["NULL"; statement.parameters.try_into().unwrap()].join(", ");
    let brackets = if nulls.is_empty() {
        nulls
    } else {
        format!("({nulls})")
    };
    let name = &statement.name;
    let mut connection = pool.acquire().await.unwrap();
    connection
        .run("SET plan_cache_mode = force_generic_plan")
        .await;
    let sql = AssertSqlSafe(format!("EXPLAIN EXECUTE {name} {brackets}"));
    let plan: Vec<String> = sqlx::query_scalar(sql)
        .persistent(false)
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    plan.join("\n")
}
