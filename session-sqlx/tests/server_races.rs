//! What meets a rename at the worst moment, under the isolation level that protects least and the one that
//! protects most.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::{sync::Arc, time::Duration};

use server::{
    database::{Database, on_both, private},
    ttl, version,
};
use session_core::{FullStore, NewRecord, Precondition, SetOutcome, StoreKey, Ttl, async_trait};
use tokio::time::{sleep, timeout};

on_both! {
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    a_rename_escapes_no_delete_owner_where_least_is_locked,
    a_rename_escapes_no_delete_owner_where_most_is_locked,
    a_rename_escapes_no_delete_all_where_least_is_locked,
    a_rename_escapes_no_delete_all_where_most_is_locked,
    an_expired_row_that_is_purged_stands_in_no_ones_way,
}

async fn a_rename_escapes_no_delete_owner_where_least_is_locked<D: Database>() {
    overtake::<D>(D::READ_COMMITTED, &DeleteOwner).await;
}

async fn a_rename_escapes_no_delete_owner_where_most_is_locked<D: Database>() {
    overtake::<D>(D::SERIALIZABLE, &DeleteOwner).await;
}

async fn a_rename_escapes_no_delete_all_where_least_is_locked<D: Database>() {
    overtake::<D>(D::READ_COMMITTED, &DeleteAll).await;
}

async fn a_rename_escapes_no_delete_all_where_most_is_locked<D: Database>() {
    overtake::<D>(D::SERIALIZABLE, &DeleteAll).await;
}

/// Holds the removal at a row in the middle, and renames one that it has yet to come to onto a key that
/// it has passed.
async fn overtake<D: Database>(isolation: &str, removal: &'static dyn Removal) {
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    let mut admin = D::connect(&url).await.unwrap();
    admin.run(isolation).await;
    let store = D::open(&url, "sessions", 4).await.unwrap();
    let [to, middle, from] = [1, 5, 9].map(|byte| StoreKey::from_bytes([byte; 32]));
    let record = NewRecord::new(b"data").owner(Some("alice"));
    let mut versions = Vec::new();
    for key in [&middle, &from] {
        let created = store.set(key, &record, ttl(), Precondition::Absent);
        versions.push(version(created.await.unwrap()));
    }
    let mut holder = D::connect(&url).await.unwrap();
    let row = D::KEY.replace("{hex}", &"05".repeat(32));
    holder.run("BEGIN").await;
    holder
        .run(format!(
            "SELECT 1 FROM sessions WHERE id = {row} FOR UPDATE"
        ))
        .await;

    let remover = Arc::clone(&store);
    let removing = tokio::spawn(async move { removal.of(&*remover).await });
    while admin.numbers(D::WAITING).await != [1] {
        // MariaDB looks again only if it was not asked for a tenth of a second.
        sleep(Duration::from_millis(110)).await;
    }
    let mover = Arc::clone(&store);
    let mut moving = tokio::spawn(async move {
        let record = NewRecord::new(b"moved").owner(Some("alice"));
        mover.rename(&from, &to, &record, ttl(), versions[1]).await
    });
    // It is through by then, or waits for the removal.
    let moved = timeout(Duration::from_millis(200), &mut moving).await;
    holder.run("COMMIT").await;
    removing.await.unwrap();
    let moved = match moved {
        Ok(moved) => moved,
        Err(_) => moving.await,
    };
    let moved = moved.unwrap().unwrap();
    assert_ne!(moved, SetOutcome::Conflict);
    for key in [&to, &middle, &from] {
        assert!(!store.exists(key).await.unwrap(), "{moved:?}: {key:?}");
    }
}

#[async_trait]
trait Removal: Sync {
    async fn of(&self, store: &dyn FullStore);
}

struct DeleteOwner;

#[async_trait]
impl Removal for DeleteOwner {
    async fn of(&self, store: &dyn FullStore) {
        store.delete_owner("alice", None).await.unwrap();
    }
}

struct DeleteAll;

#[async_trait]
impl Removal for DeleteAll {
    async fn of(&self, store: &dyn FullStore) {
        store.delete_all().await.unwrap();
    }
}

async fn an_expired_row_that_is_purged_stands_in_no_ones_way<D: Database>() {
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    let store = D::open(&url, "sessions", 4).await.unwrap();
    let record = NewRecord::new(b"data");
    for round in 0_u64..200 {
        let key = |name: &str| StoreKey::digest(format!("{name} {round}").as_bytes());
        let (from, to) = (key("from"), key("to"));
        let old = store.set(&from, &record, ttl(), Precondition::Absent);
        let old = version(old.await.unwrap());
        let brief = Ttl::from_millis(1).unwrap();
        let expired = store.set(&to, &record, brief, Precondition::Absent);
        version(expired.await.unwrap());
        sleep(Duration::from_millis(3)).await;
        let purger = Arc::clone(&store);
        let purging = tokio::spawn(async move { purger.purge_expired(10).await });
        let renamed = store.rename(&from, &to, &record, ttl(), old).await;
        version(renamed.unwrap());
        purging.await.unwrap().unwrap();
    }
}
