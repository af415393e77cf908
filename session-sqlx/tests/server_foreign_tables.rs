//! A table that is somebody else's, or a half of the store's own, is refused when the store is opened, and
//! not at the first request.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::error::Error as _;

use server::{
    database::{Database, on_both},
    fresh_table,
};
use session_core::StoreErrorKind;
use session_sqlx::sqlx::{mysql::MySqlConnection, postgres::PgConnection};

on_both! {
    #[tokio::test]
    a_table_that_the_migrations_did_not_make_is_refused,
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

trait Foreign: Database {
    /// What is done to a table of the store's own, or nothing for one of another kind, and what it lacks then.
    const CHANGED: &[(&str, &str)];
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
            "index {table}_by_owner on user_id",
        ),
    ];
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
            "index PRIMARY on id",
        ),
        (
            "DROP INDEX {table}_by_owner ON {table}",
            "index {table}_by_owner on user_id",
        ),
        (
            "ALTER TABLE {table} ENGINE = MyISAM",
            "engine with transactions: yes",
        ),
    ];
}
