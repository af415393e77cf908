//! Constraints that an application has added to the table: an error says which, and shows nobody's data.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::error::Error as _;

use server::{
    database::{Database, on_both},
    fresh_table, ttl, version,
};
use session_core::{NewRecord, Precondition, StoreError, StoreErrorKind, StoreKey};
use session_sqlx::sqlx;

on_both! {
    #[tokio::test]
    a_violated_unique_index_of_the_applications_own_is_an_error_that_shows_no_value,
}

async fn a_violated_unique_index_of_the_applications_own_is_an_error_that_shows_no_value<
    D: Database,
>() {
    let Some(url) = D::shared() else {
        return;
    };
    let table = fresh_table();
    let store = D::open(&url, &table, 1).await.unwrap();
    let mut admin = D::connect(&url).await.unwrap();
    let index = format!("CREATE UNIQUE INDEX one_each_{table} ON {table} (user_id)");
    admin.run(index).await;
    let [theirs, from, to] = ["theirs", "from", "to"].map(|key| StoreKey::digest(key.as_bytes()));
    let record = NewRecord::new(b"data").owner(Some("alice@example.org"));
    let set = store.set(&theirs, &record, ttl(), Precondition::Absent);
    version(set.await.unwrap());
    let mine = NewRecord::new(b"data");
    let set = store.set(&from, &mine, ttl(), Precondition::Absent);
    let old = version(set.await.unwrap());

    let set = store.set(&from, &record, ttl(), Precondition::Version(old));
    assert_violation(&set.await.unwrap_err());
    // No conflict: nothing has the new key.
    let renamed = store.rename(&from, &to, &record, ttl(), old);
    assert_violation(&renamed.await.unwrap_err());
    assert!(!store.exists(&to).await.unwrap());
    assert_eq!(store.get(&from).await.unwrap().unwrap().version, old);
    // And if something has, it is.
    let set = store.set(&to, &mine, ttl(), Precondition::Absent);
    version(set.await.unwrap());
    let renamed = store.rename(&from, &to, &mine, ttl(), old);
    assert_eq!(renamed.await.unwrap(), session_core::SetOutcome::Conflict);
}

fn assert_violation(error: &StoreError) {
    assert_eq!(error.kind(), StoreErrorKind::Other);
    let shown = format!("{error:?} {error}");
    assert!(!shown.contains("alice"), "{shown}");
    let source = error.source().unwrap();
    let source = source.downcast_ref::<sqlx::Error>().unwrap();
    let source = source.as_database_error().unwrap();
    assert!(source.is_unique_violation(), "{shown}");
    let code = source.code().unwrap();
    assert!(["23505", "23000"].contains(&code.as_ref()), "{shown}");
    let says = source.to_string().to_lowercase();
    assert!(says.contains("duplicate"), "{shown}");
}
