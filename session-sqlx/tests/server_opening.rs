//! Opening a store: what is there needs nothing that running it does not, and what is not to be had ends in
//! time.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::{error::Error as _, time::Duration};

use server::{
    database::{Database, on_both, private},
    ttl, version,
};
use session_core::{NewRecord, Precondition, StoreError, StoreErrorKind, StoreKey};
use session_sqlx::{
    MySqlOptions, PostgresOptions,
    sqlx::{mysql::MySqlConnection, postgres::PgConnection},
};
use tokio::time::timeout;

/// How long a store may take that waits for nobody.
const PATIENCE: Duration = Duration::from_secs(5);

on_both! {
    #[tokio::test]
    a_user_that_may_create_nothing_opens_what_is_there,
    a_server_that_only_reads_is_opened,
    a_table_that_somebody_has_locked_is_opened,
    a_table_that_differs_by_case_is_another,
    what_the_server_keeps_waiting_is_a_timeout,
    a_server_that_is_down_is_said_to_refuse,
    what_is_set_wrongly_is_told_by_its_kind,
}

async fn a_user_that_may_create_nothing_opens_what_is_there<D: Restricted>() {
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    let mut admin = D::connect(&url).await.unwrap();
    D::open(&url, "sessions", 1).await.unwrap();
    admin.run(D::USER).await;
    let store = D::open(&D::of_user(&url), "sessions", 1).await.unwrap();
    let key = StoreKey::digest(b"a");
    let set = store.set(&key, &RECORD, ttl(), Precondition::Absent);
    version(set.await.unwrap());
}

async fn a_server_that_only_reads_is_opened<D: Restricted>() {
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    let mut admin = D::connect(&url).await.unwrap();
    D::open(&url, "sessions", 1).await.unwrap();
    admin.run(D::USER).await;
    admin.run(D::READ_ONLY).await;
    let store = D::open(&D::of_user(&url), "sessions", 1).await.unwrap();
    let key = StoreKey::digest(b"a");
    assert!(!store.exists(&key).await.unwrap());
    let set = store.set(&key, &RECORD, ttl(), Precondition::Absent);
    let error = set.await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
}

async fn a_table_that_somebody_has_locked_is_opened<D: Restricted>() {
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    let mut holder = D::connect(&url).await.unwrap();
    D::open(&url, "sessions", 1).await.unwrap();
    // An application may have one of its own, on whatever it asks for.
    holder.run(D::OWN_INDEX).await;
    holder.run(D::LOCK).await;
    let opened = timeout(PATIENCE, D::open(&url, "sessions", 1)).await;
    opened.unwrap().unwrap();
}

async fn a_table_that_differs_by_case_is_another<D: Database>() {
    let Some(url) = D::shared() else {
        return;
    };
    let key = StoreKey::digest(b"a");
    for table in ["Cased", "cased"] {
        let store = D::open(&url, table, 1).await.unwrap();
        let set = store.set(&key, &RECORD, ttl(), Precondition::Absent);
        version(set.await.unwrap());
    }
}

async fn what_the_server_keeps_waiting_is_a_timeout<D: Restricted>() {
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    let mut holder = D::connect(&url).await.unwrap();
    holder.run(D::KEEP_FROM_CREATING).await;
    let opened = timeout(PATIENCE, D::open_within(&url, Duration::from_millis(300))).await;
    let error = opened.unwrap().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Timeout, "{error:?}");
}

async fn a_server_that_is_down_is_said_to_refuse<D: Restricted>() {
    let Some((server, url)) = private::<D>().await else {
        return;
    };
    server.kill();
    let opened = timeout(PATIENCE, D::open(&url, "sessions", 1)).await;
    let Err(error) = opened.unwrap() else {
        panic!("opened");
    };
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
    let says = error.source().unwrap().to_string();
    assert!(says.contains("refused"), "{says}");
}

async fn what_is_set_wrongly_is_told_by_its_kind<D: Restricted>() {
    let Some(url) = D::shared() else {
        return;
    };
    let (url, _) = url.split_once('?').unwrap_or((&url, ""));
    let (server, _) = url.rsplit_once('/').unwrap();
    let (scheme, rest) = server.split_once("://").unwrap();
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let tls = format!("{url}?{}", D::ENCRYPTED);
    let mut wrong = vec![
        (
            format!("{server}/nothing_here"),
            StoreErrorKind::Other,
            "nothing_here",
        ),
        (
            format!("{scheme}://nobody:wrong@{host}/app"),
            StoreErrorKind::Unavailable,
            "nobody",
        ),
    ];
    if cfg!(not(feature = "tls-rustls")) {
        wrong.push((tls, StoreErrorKind::Other, "tls-rustls"));
    }
    for (url, kind, says) in wrong {
        let Err(error) = D::open(&url, "sessions", 1).await else {
            panic!("opened");
        };
        assert_eq!(error.kind(), kind, "{error:?}");
        let source = error.source().unwrap().to_string();
        assert!(source.contains(says), "{source}");
    }
}

const RECORD: NewRecord<'static> = NewRecord::new(b"data");

/// What stands in a store's way.
trait Restricted: Database {
    /// Makes the user `app`, who may read and write the table `sessions` and nothing else.
    const USER: &str;
    /// Has the server only read, for that user.
    const READ_ONLY: &str;
    /// Asks for TLS, in a URL.
    const ENCRYPTED: &str;
    /// Adds an index to the table.
    const OWN_INDEX: &str;
    /// Locks the table.
    const LOCK: &str;
    /// Has whoever makes a table wait.
    const KEEP_FROM_CREATING: &str;

    /// The address for that user.
    fn of_user(url: &str) -> String;

    async fn open_within(url: &str, limit: Duration) -> Result<(), StoreError>;
}

impl Restricted for PgConnection {
    const USER: &str = "CREATE ROLE app LOGIN;
        GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO app";
    const READ_ONLY: &str = "ALTER ROLE app SET default_transaction_read_only = on";
    const ENCRYPTED: &str = "sslmode=require";
    const OWN_INDEX: &str = "CREATE INDEX mine ON sessions (created_at) WHERE version > 5;
        CREATE INDEX of_some ON sessions (user_id) WHERE version > 5";
    const LOCK: &str = "BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE";
    const KEEP_FROM_CREATING: &str = "SELECT pg_advisory_lock(hashtext('session-sqlx'))";

    fn of_user(url: &str) -> String {
        url.replace("tester@", "app@")
    }

    async fn open_within(url: &str, limit: Duration) -> Result<(), StoreError> {
        let options = PostgresOptions::url(url)?.open_timeout(limit);
        options.open().await.map(drop)
    }
}

impl Restricted for MySqlConnection {
    const USER: &str = "CREATE USER app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON app.sessions TO app";
    const READ_ONLY: &str = "SET GLOBAL read_only = 1";
    const ENCRYPTED: &str = "ssl-mode=REQUIRED";
    const OWN_INDEX: &str = "CREATE INDEX mine ON sessions (created_at)";
    const LOCK: &str = "LOCK TABLES sessions WRITE";
    const KEEP_FROM_CREATING: &str = "FLUSH TABLES WITH READ LOCK";

    fn of_user(url: &str) -> String {
        url.replace("root@", "app@")
    }

    async fn open_within(url: &str, limit: Duration) -> Result<(), StoreError> {
        let options = MySqlOptions::url(url)?.open_timeout(limit);
        options.open().await.map(drop)
    }
}
