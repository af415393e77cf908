//! Opening files, good and bad.

use std::error::Error as _;

use session_core::{
    Maintain, NewRecord, Operation, Precondition, SetOutcome, Store, StoreErrorKind, StoreKey, Ttl,
};
use session_sqlx::{SqliteOptions, SqliteStore, sqlx};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_processes_may_start_at_once_on_a_file_that_is_not_there() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.db");
        let mut opens = JoinSet::new();
        for i in 0..10 {
            let path = path.clone();
            opens.spawn(async move {
                let store = SqliteStore::open(path).await.unwrap();
                let key = StoreKey::digest(&[i]);
                let ttl = Ttl::from_secs(60).unwrap();
                let outcome = store
                    .set(&key, &NewRecord::new(b""), ttl, Precondition::Absent)
                    .await;
                assert!(matches!(outcome.unwrap(), SetOutcome::Stored(_)));
                store
            });
        }
        for store in opens.join_all().await {
            assert_eq!(store.count().await.unwrap(), 10);
        }
    }
}

#[tokio::test]
async fn a_store_that_is_opened_again_has_its_records() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let key = StoreKey::digest(b"a");
    let ttl = Ttl::from_secs(60).unwrap();

    let store = SqliteStore::open(&path).await.unwrap();
    let _ = store
        .set(&key, &NewRecord::new(b"kept"), ttl, Precondition::Absent)
        .await
        .unwrap();
    store.close().await;
    let error = store.get(&key).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);

    let store = SqliteOptions::file(&path)
        .migrate(false)
        .open()
        .await
        .unwrap();
    assert_eq!(store.get(&key).await.unwrap().unwrap().data, "kept");
}

#[tokio::test]
async fn closing_the_last_store_leaves_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("sessions.db"))
        .await
        .unwrap();
    assert_eq!(store.count().await.unwrap(), 0);
    store.close().await;
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    let text = "Dear Sir or Madam, ".repeat(100);
    std::fs::write(&path, &text).unwrap();
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert_eq!(error.operation(), Operation::Open);
    assert!(error.source().unwrap().is::<sqlx::Error>());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_missing_folder_and_a_folder_itself_are_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    for path in [
        folder.path().join("no/sessions.db"),
        folder.path().to_owned(),
    ] {
        let error = SqliteStore::open(&path).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert_eq!(error.operation(), Operation::Open);
    }
}

#[tokio::test]
async fn without_migrations_there_is_no_table() {
    let store = SqliteOptions::in_memory()
        .migrate(false)
        .open()
        .await
        .unwrap();
    assert_eq!(
        store.count().await.unwrap_err().kind(),
        StoreErrorKind::Other
    );
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.count().await.unwrap(), 0);
}

#[tokio::test]
async fn migrations_can_be_run_by_someone_else_any_number_of_times() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::file(folder.path().join("s.db"))
        .table("logins")
        .unwrap();
    let store = options.clone().migrate(false).open().await.unwrap();
    let uri = format!("sqlite://{}", folder.path().join("s.db").display());
    let pool = sqlx::SqlitePool::connect(&uri).await.unwrap();
    for _ in 0..2 {
        for migration in SqliteStore::migrations("logins").unwrap() {
            assert!(migration.name.starts_with("000"));
            assert!(!migration.sql.contains('{'));
            sqlx::raw_sql(sqlx::AssertSqlSafe(migration.sql))
                .execute(&pool)
                .await
                .unwrap();
        }
    }
    assert_eq!(store.count().await.unwrap(), 0);
}

#[tokio::test]
async fn each_store_in_memory_is_its_own() {
    let one = SqliteStore::open_in_memory().await.unwrap();
    let two = SqliteStore::open(":memory:").await.unwrap();
    let ttl = Ttl::from_secs(60).unwrap();
    let key = StoreKey::digest(b"a");
    let _ = one
        .set(&key, &NewRecord::new(b""), ttl, Precondition::Absent)
        .await
        .unwrap();
    assert_eq!(one.clone().count().await.unwrap(), 1);
    assert_eq!(two.count().await.unwrap(), 0);
}
