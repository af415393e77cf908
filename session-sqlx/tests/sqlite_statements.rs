//! How many statements an operation costs, and by which index each goes. Alone in its program,
//! because it listens to all that the driver runs.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use session_core::{
    Maintain, NewRecord, OwnerIndex, Precondition, SetOutcome, Store, StoreKey, Ttl, Version,
};
use session_sqlx::{
    SqliteStore,
    sqlx::{self, Connection, SqlitePool, sqlite::SqlitePoolOptions},
};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

const BY_KEY: &str = "USING INDEX sqlite_autoindex_sessions_1 (id=?)";
const BY_OWNER: &str = "USING INDEX sessions_by_owner (user_id=?)";
const BY_EXPIRY: &str = "COVERING INDEX sessions_by_expiry (expires_at";

#[tokio::test]
async fn every_operation_is_one_statement_by_an_index_and_prepared_once() {
    let log = Log::listen();
    // One connection, so that whatever ran before a ping has been logged by its answer.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await
        .unwrap();
    let store = SqliteStore::from_pool(pool.clone());
    store.migrate().await.unwrap();
    log.drain(&pool).await;

    let mut statements = Vec::new();
    for round in 0..2 {
        let run = run_all(&store, &log, &pool).await;
        // The second time, nothing is prepared any more.
        if round == 0 {
            statements = run;
        } else {
            let texts = |run: &[(_, String, _)]| {
                run.iter()
                    .map(|(_, sql, _)| sql.clone())
                    .collect::<Vec<_>>()
            };
            assert_eq!(texts(&run), texts(&statements));
            assert_eq!(cached(&pool).await, statements.len());
        }
    }

    for (operation, sql, index) in statements {
        let plan = explain(&pool, &sql).await;
        if let Some(index) = index {
            assert!(plan.contains(index), "{operation}: {plan}");
            assert!(!plan.contains("SCAN"), "{operation}: {plan}");
        }
        assert!(!plan.contains("TEMP B-TREE"), "{operation}: {plan}");
    }
}

/// Runs each operation and returns its only statement with the index that it has to go by.
async fn run_all(
    store: &SqliteStore,
    log: &Log,
    pool: &SqlitePool,
) -> Vec<(&'static str, String, Option<&'static str>)> {
    let (a, b) = (StoreKey::digest(b"a"), StoreKey::digest(b"b"));
    let ttl = Ttl::from_secs(60).unwrap();
    let record = NewRecord::new(b"data").owner(Some("alice"));
    let mut statements = Vec::new();
    macro_rules! run {
        ($name:literal, $index:expr, $operation:expr) => {{
            let answer = $operation.await.unwrap();
            let mut ran = log.drain(pool).await;
            assert_eq!(ran.len(), 1, "{}: {ran:#?}", $name);
            statements.push(($name, ran.remove(0), $index));
            answer
        }};
    }
    let version = |outcome| match outcome {
        SetOutcome::Stored(version) => version,
        other => panic!("not stored: {other:?}"),
    };
    let wrong = Version::unique();

    // An upsert finds its row by the key that it inserts; a plan does not show that.
    version(run!(
        "create",
        None,
        store.set(&a, &record, ttl, Precondition::Absent)
    ));
    let old = version(run!(
        "set",
        None,
        store.set(&a, &record, ttl, Precondition::Any)
    ));
    run!("get", Some(BY_KEY), store.get(&a)).unwrap();
    run!("exists", Some(BY_KEY), store.exists(&a));
    run!("ttl", Some(BY_KEY), store.ttl(&a)).unwrap();
    assert!(run!("expire", Some(BY_KEY), store.expire(&a, ttl)));
    let swap = Precondition::Version(old);
    let new = version(run!(
        "swap",
        Some(BY_KEY),
        store.set(&a, &record, ttl, swap)
    ));
    version(run!(
        "rename",
        Some(BY_KEY),
        store.rename(&a, &b, &record, ttl, new)
    ));
    assert_eq!(run!("list", Some(BY_OWNER), store.list("alice")).len(), 1);
    assert_eq!(run!("count", Some(BY_EXPIRY), store.count()), 1);
    assert_eq!(run!("purge", Some(BY_EXPIRY), store.purge_expired(10)), 0);
    assert_eq!(
        run!(
            "delete owner",
            Some(BY_OWNER),
            store.delete_owner("alice", Some(&a))
        ),
        1
    );
    assert!(!run!("delete", Some(BY_KEY), store.delete(&a)));
    assert_eq!(run!("delete all", None, store.delete_all()), 0);
    let all = statements.len();

    // What goes wrong takes no statement more.
    let _ = store
        .set(&a, &record, ttl, Precondition::Absent)
        .await
        .unwrap();
    log.drain(pool).await;
    let swap = Precondition::Version(wrong);
    let outcomes = [
        run!(
            "conflict",
            None,
            store.set(&a, &record, ttl, Precondition::Absent)
        ),
        run!("conflict", None, store.set(&a, &record, ttl, swap)),
        run!("conflict", None, store.rename(&a, &b, &record, ttl, wrong)),
    ];
    assert_eq!(outcomes, [SetOutcome::Conflict; 3]);
    let outcomes = [
        run!("missing", None, store.set(&b, &record, ttl, swap)),
        run!("missing", None, store.rename(&b, &a, &record, ttl, wrong)),
    ];
    assert_eq!(outcomes, [SetOutcome::Missing; 2]);
    store.delete_all().await.unwrap();
    log.drain(pool).await;
    statements.truncate(all);
    statements
}

async fn explain(pool: &SqlitePool, sql: &str) -> String {
    let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql)
        .persistent(false)
        .fetch_all(pool)
        .await
        .unwrap();
    rows.into_iter().map(|row| row.3 + "\n").collect()
}

async fn cached(pool: &SqlitePool) -> usize {
    pool.acquire().await.unwrap().cached_statements_size()
}

/// The text of every statement that the driver has run.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn listen() -> Self {
        let log = Self::default();
        let subscriber = tracing_subscriber::registry().with(log.clone());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log
    }

    async fn drain(&self, pool: &SqlitePool) -> Vec<String> {
        pool.acquire().await.unwrap().ping().await.unwrap();
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut statement = Statement::default();
            event.record(&mut statement);
            // A statement of four words or fewer is its own summary.
            let text = if statement.text.is_empty() {
                statement.summary
            } else {
                statement.text
            };
            self.0.lock().unwrap().push(text);
        }
    }
}

#[derive(Default)]
struct Statement {
    summary: String,
    text: String,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.trim().clone_into(&mut self.text),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
