//! An error shows nothing of what was to be stored, whatever an application has added to the table.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use server::{
    database::{Database, on_both},
    fresh_table, ttl,
};
use session_core::{NewRecord, Precondition, StoreErrorKind, StoreKey};
use session_sqlx::sqlx::{mysql::MySqlConnection, postgres::PgConnection};

on_both! {
    #[tokio::test]
    no_owner_is_shown,
}

async fn no_owner_is_shown<D: Talkative>() {
    let Some(url) = D::shared() else {
        return;
    };
    let mut admin = D::connect(&url).await.unwrap();
    for (addition, code) in D::ADDITIONS {
        let table = fresh_table();
        let store = D::open(&url, &table, 1).await.unwrap();
        admin.run(addition.replace("{table}", &table)).await;
        let record = NewRecord::new(b"data").owner(Some("alice@example.org"));
        let key = StoreKey::digest(b"a");
        let set = store.set(&key, &record, ttl(), Precondition::Any);
        let error = set.await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Other, "{error:?}");
        let shown = format!("{error:?} {error}");
        assert!(!shown.contains("alice"), "{shown}");
        assert!(shown.contains(code), "{shown}");
    }
}

trait Talkative: Database {
    /// What an application adds, and the code of the error that comes of it.
    const ADDITIONS: &[(&str, &str)];
}

impl Talkative for PgConnection {
    const ADDITIONS: &[(&str, &str)] = &[
        (
            "ALTER TABLE {table} ADD CONSTRAINT c CHECK (user_id::uuid IS NOT NULL)",
            "22P02",
        ),
        ("CREATE INDEX ON {table} ((user_id::bigint))", "22P02"),
        (
            "CREATE FUNCTION f_{table}() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION '% has too many', NEW.user_id; END $$;
            CREATE TRIGGER t BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION f_{table}()",
            "P0001",
        ),
        (
            "CREATE FUNCTION f_{table}() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE unique_violation USING MESSAGE = NEW.user_id; END $$;
            CREATE TRIGGER t BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION f_{table}()",
            "23505",
        ),
        (
            "CREATE FUNCTION f_{table}() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE unique_violation USING CONSTRAINT = NEW.user_id; END $$;
            CREATE TRIGGER t BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION f_{table}()",
            "23505",
        ),
        (
            "CREATE FUNCTION f_{table}() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN EXECUTE 'SELECT ''' || NEW.user_id; END $$;
            CREATE TRIGGER t BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION f_{table}()",
            "42601",
        ),
    ];
}

impl Talkative for MySqlConnection {
    const ADDITIONS: &[(&str, &str)] = &[
        (
            "CREATE TRIGGER t_{table} BEFORE INSERT ON {table} FOR EACH ROW BEGIN
                DECLARE m VARCHAR(100); SET m = CONCAT(NEW.user_id, ' has too many');
                SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = m; END",
            "1644",
        ),
        (
            "CREATE TRIGGER t_{table} BEFORE INSERT ON {table} FOR EACH ROW BEGIN
                DECLARE m VARCHAR(100); SET m = CONCAT(NEW.user_id, ' has too many');
                SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = m, MYSQL_ERRNO = 31000; END",
            "31000",
        ),
        (
            "CREATE TRIGGER t_{table} BEFORE INSERT ON {table} FOR EACH ROW BEGIN
                DECLARE m VARCHAR(100); SET m = CONCAT(NEW.user_id, ' has too many');
                SIGNAL SQLSTATE '02001' SET MESSAGE_TEXT = m; END",
            "1643",
        ),
        (
            "ALTER TABLE {table} ADD COLUMN j BIGINT AS (CAST(user_id AS SIGNED)) STORED",
            "1292",
        ),
    ];
}
