//! Making the table: at once, again, under a long name, and by hand.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::sync::Arc;

use server::{
    database::{Database, on_both},
    fresh_table, ttl, version,
};
use session_core::{NewRecord, Precondition, StoreKey};
use tokio::{sync::Barrier, task::JoinSet};

on_both! {
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    ten_stores_at_once_make_one_table,
    migrating_again_changes_nothing,
    the_longest_name_makes_a_table_with_its_own_indexes,
    the_text_of_the_migrations_is_enough,
}

async fn ten_stores_at_once_make_one_table<D: Database>() {
    const NODES: usize = 10;
    let Some(url) = D::shared() else {
        return;
    };
    for _ in 0..10 {
        let table = fresh_table();
        let begin = Arc::new(Barrier::new(NODES));
        let mut nodes = JoinSet::new();
        for node in 0..NODES {
            let (url, table, begin) = (url.clone(), table.clone(), Arc::clone(&begin));
            nodes.spawn(async move {
                begin.wait().await;
                let store = D::open(&url, &table, 1).await.unwrap();
                let key = StoreKey::digest(&node.to_be_bytes());
                let record = NewRecord::new(b"data");
                let set = store.set(&key, &record, ttl(), Precondition::Absent);
                version(set.await.unwrap());
                store
            });
        }
        let stores = nodes.join_all().await;
        for store in stores {
            assert_eq!(store.count().await.unwrap(), NODES as u64);
        }
        assert_eq!(indexes::<D>(&url, &table).await, [3]);
    }
}

async fn migrating_again_changes_nothing<D: Database>() {
    let Some(url) = D::shared() else {
        return;
    };
    let (table, key) = (fresh_table(), StoreKey::digest(b"a"));
    let store = D::open(&url, &table, 1).await.unwrap();
    let record = NewRecord::new(b"data").owner(Some("alice"));
    let set = store.set(&key, &record, ttl(), Precondition::Absent);
    version(set.await.unwrap());
    let before = store.get(&key).await.unwrap().unwrap();

    let again = D::open(&url, &table, 1).await.unwrap();
    let after = again.get(&key).await.unwrap().unwrap();
    assert_eq!((after.version, after.data), (before.version, before.data));
    assert_eq!(after.created_at, before.created_at);
    assert_eq!(indexes::<D>(&url, &table).await, [3]);
}

/// PostgreSQL cuts long names short without a word, so that two may become one.
async fn the_longest_name_makes_a_table_with_its_own_indexes<D: Database>() {
    let Some(url) = D::shared() else {
        return;
    };
    let key = StoreKey::digest(b"a");
    for last in ['x', 'y'] {
        let table = format!("{}{last}", "a".repeat(49));
        let store = D::open(&url, &table, 1).await.unwrap();
        assert!(!store.exists(&key).await.unwrap());
        let record = NewRecord::new(b"data");
        let set = store.set(&key, &record, ttl(), Precondition::Absent);
        version(set.await.unwrap());
        assert_eq!(indexes::<D>(&url, &table).await, [3]);
    }
}

async fn the_text_of_the_migrations_is_enough<D: Database>() {
    let Some(url) = D::shared() else {
        return;
    };
    let table = fresh_table();
    let mut tool = D::connect(&url).await.unwrap();
    for _ in 0..2 {
        for migration in D::migrations(&table) {
            tool.run(migration.sql).await;
        }
    }
    assert_eq!(indexes::<D>(&url, &table).await, [3]);
    let store = D::open_made(&url, &table).await.unwrap();
    let record = NewRecord::new(b"data").owner(Some("alice"));
    let key = StoreKey::digest(b"a");
    version(
        store
            .set(&key, &record, ttl(), Precondition::Absent)
            .await
            .unwrap(),
    );
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
}

async fn indexes<D: Database>(url: &str, table: &str) -> Vec<i64> {
    let mut admin = D::connect(url).await.unwrap();
    admin.numbers(D::INDEXES.replace("{table}", table)).await
}
