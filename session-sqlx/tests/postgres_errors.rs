//! What an error of `PostgresStore` shows of what it was to store: nothing.

mod server;

use server::database::Database as _;
use session_core::{NewRecord, Precondition, Store as _, StoreKey};
use session_sqlx::{
    PostgresOptions,
    sqlx::{self, Connection as _, PgConnection},
};

#[tokio::test]
async fn a_violated_constraint_of_the_applications_own_shows_no_row() {
    let Some(url) = PgConnection::shared() else {
        return;
    };
    let table = server::fresh_table();
    let options = PostgresOptions::url(&url).unwrap().table(&table).unwrap();
    let store = options.open().await.unwrap();
    let mut admin = PgConnection::connect(&url).await.unwrap();
    let check = format!("ALTER TABLE {table} ADD CONSTRAINT short CHECK (length(data) < 5)");
    admin.run(check).await;

    let record = NewRecord::new(b"a secret").owner(Some("alice"));
    let key = StoreKey::digest(b"a");
    let set = store.set(&key, &record, server::ttl(), Precondition::Any);
    let error = set.await.unwrap_err();
    // As a row is shown: the data in hexadecimal digits, the owner as it is.
    let shown = format!("{error:?} {error}");
    for part in ["61207365637265", "alice", "a secret"] {
        assert!(!shown.contains(part), "{shown}");
    }
    let source = std::error::Error::source(&error).unwrap();
    let source = source.downcast_ref::<sqlx::Error>().unwrap();
    let source = source.as_database_error().unwrap();
    assert_eq!(source.code().unwrap(), "23514");
    assert!(source.message().contains("short"), "{source}");
}
