//! A table that is somebody else's, or a half of the store's own, is refused when the store is opened, and
//! not at the first request. One that has all it needs under other names is taken as it is.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::error::Error as _;

use server::{
    database::{Database, on_both},
    fresh_table, ttl, version,
};
use session_core::{NewRecord, Precondition, StoreErrorKind, StoreKey};
use session_sqlx::sqlx::{mysql::MySqlConnection, postgres::PgConnection};

on_both! {
    #[tokio::test]
    a_table_that_the_migrations_did_not_make_is_refused,
    indexes_of_other_names_serve_as_well,
}

async fn a_table_that_the_migrations_did_not_make_is_refused<D: Foreign>() {
    let Some(url) = D::shared() else {
        return;
    };
    let mut admin = D::connect(&url).await.unwrap();
    for (changed, lack) in D::CHANGED {
        let table = fresh_table();
        let mut made = String::new();
        for migration in D::migrations(&table) {
            made.push_str(&migration.sql);
        }
        let other = "CREATE TABLE {table} (id VARCHAR(255) PRIMARY KEY, data TEXT)";
        let sql = if changed.is_empty() {
            other.to_owned()
        } else {
            format!("{made}\n{changed}")
        };
        admin.run(sql.replace("{table}", &table)).await;
        let Err(error) = D::open(&url, &table, 1).await else {
            panic!("opened without {lack}");
        };
        assert_eq!(error.kind(), StoreErrorKind::Other, "{error:?}");
        let says = error.source().unwrap().to_string();
        let lack = lack.replace("{table}", &table);
        assert!(says.contains(&table) && says.ends_with(&lack), "{says}");
    }
}

async fn indexes_of_other_names_serve_as_well<D: Foreign>() {
    let Some(url) = D::shared() else {
        return;
    };
    let mut admin = D::connect(&url).await.unwrap();
    let (made, table) = (fresh_table(), fresh_table());
    D::open(&url, &made, 1).await.unwrap();
    let rename = "ALTER TABLE {made} RENAME TO {table};".to_owned();
    let sql = (rename + D::INDEXED_OTHERWISE).replace("{made}", &made);
    admin.run(sql.replace("{table}", &table)).await;
    let count = D::COUNT_INDEXES.replace("{table}", &table);
    assert_eq!(admin.numbers(count.clone()).await, [3]);
    let store = D::open(&url, &table, 1).await.unwrap();
    let key = StoreKey::digest(b"a");
    let record = NewRecord::new(b"data").owner(Some("alice"));
    let set = store.set(&key, &record, ttl(), Precondition::Absent);
    version(set.await.unwrap());
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
    assert_eq!(store.purge_expired(10).await.unwrap(), 0);
    // And none was made beside them.
    assert_eq!(admin.numbers(count).await, [3]);
}

trait Foreign: Database {
    /// What is done to a table of the store's own, or nothing for one of another kind, and what it lacks then or
    /// has too much.
    const CHANGED: &[(&str, &str)];
    /// Has an index of more columns stand for one of the store's own, in its table that was renamed.
    const INDEXED_OTHERWISE: &str;
    /// Counts all indexes of a table.
    const COUNT_INDEXES: &str;
}

impl Foreign for PgConnection {
    const CHANGED: &[(&str, &str)] = &[
        ("", "column id of type bytea"),
        (
            "ALTER TABLE {table} ALTER COLUMN version TYPE integer",
            "column version of type bigint",
        ),
        (
            "ALTER TABLE {table} DROP CONSTRAINT {table}_pkey",
            "unique index on id",
        ),
        (
            "DROP INDEX {table}_by_owner; CREATE INDEX {table}_by_owner ON {table} (data)",
            "index on user_id",
        ),
        (
            "DROP INDEX {table}_by_expiry; CREATE INDEX {table}_by_expiry ON {table} (expires_at)
                WHERE user_id IS NOT NULL",
            "index on expires_at",
        ),
        (
            "DROP INDEX {table}_by_expiry;
            CREATE INDEX {table}_by_expiry ON {table} USING hash (expires_at)",
            "index on expires_at",
        ),
        (
            "DROP INDEX {table}_by_owner;
            CREATE UNIQUE INDEX {table}_by_owner ON {table} (user_id) WHERE user_id IS NOT NULL",
            "unique index on user_id",
        ),
        (
            "CREATE UNIQUE INDEX one_each_{table} ON {table} (user_id)",
            "unique index on user_id",
        ),
    ];
    // The other one is partial, and has its old name.
    const INDEXED_OTHERWISE: &str = "CREATE INDEX of_{table} ON {table} (expires_at, version);
        DROP INDEX {made}_by_expiry";
    const COUNT_INDEXES: &str = "SELECT count(*) FROM pg_indexes WHERE tablename = '{table}'";
}

impl Foreign for MySqlConnection {
    const CHANGED: &[(&str, &str)] = &[
        ("", "column id of type binary"),
        (
            "ALTER TABLE {table} MODIFY version INT NOT NULL",
            "column version of type bigint",
        ),
        (
            "ALTER TABLE {table} DROP PRIMARY KEY, ADD PRIMARY KEY (id, version)",
            "primary key on id",
        ),
        ("DROP INDEX {table}_by_owner ON {table}", "index on user_id"),
        (
            "DROP INDEX {table}_by_expiry ON {table};
            CREATE INDEX {table}_by_expiry ON {table} (version, expires_at)",
            "index on expires_at",
        ),
        (
            "ALTER TABLE {table} ENGINE = MyISAM",
            "engine with transactions: yes",
        ),
        (
            "DROP INDEX {table}_by_owner ON {table};
            CREATE UNIQUE INDEX {table}_by_owner ON {table} (user_id)",
            "unique index on user_id",
        ),
        (
            "CREATE UNIQUE INDEX one_each_{table} ON {table} (user_id, created_at)",
            "unique index on user_id",
        ),
    ];
    // A unique one in which nothing can clash.
    const INDEXED_OTHERWISE: &str = "CREATE UNIQUE INDEX of_{table} ON {table} (user_id, id);
        DROP INDEX {made}_by_owner ON {table}";
    const COUNT_INDEXES: &str = "SELECT count(DISTINCT index_name)
        FROM information_schema.statistics
        WHERE table_schema = database() AND table_name = '{table}'";
}
