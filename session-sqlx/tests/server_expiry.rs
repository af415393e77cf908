//! An operation that has waited for somebody's lock on a row goes by what the row is then: expired
//! meanwhile, or renewed.
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
use session_core::{FullStore, NewRecord, Precondition, SetOutcome, StoreKey, Ttl, Version};
use session_sqlx::sqlx::{Connection as _, PgConnection};
use session_test_servers::Kind;
use tokio::{task::JoinSet, time::sleep};

/// How long the records live, in milliseconds.
const BRIEF: u64 = 300;
/// How long they are locked.
const HELD: Duration = Duration::from_millis(600);

on_both! {
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    what_expires_during_a_wait_is_absent_after_it,
    what_is_renewed_during_a_wait_is_there_after_it,
    a_removal_counts_nothing_that_expires_during_its_wait,
}

async fn what_expires_during_a_wait_is_absent_after_it<D: Database>() {
    for (call, found, there) in wait::<D>("SELECT 1").await {
        assert!(!found, "{call:?}");
        assert_eq!(there, call == Call::SetAbsent, "{call:?}");
    }
}

async fn what_is_renewed_during_a_wait_is_there_after_it<D: Database>() {
    let renewal = "UPDATE sessions SET expires_at = expires_at + 3600000";
    for (call, found, there) in wait::<D>(renewal).await {
        assert!(found, "{call:?}");
        let removes = matches!(call, Call::Delete | Call::DeleteOwner);
        assert_eq!(there, !removes, "{call:?}");
    }
}

/// Has every operation wait for the lock on a record of its own until that has expired, unless whoever
/// holds the locks does something about it. Whether each found its record, and whether one is there after it.
async fn wait<D: Database>(holder_does: &str) -> Vec<(Call, bool, bool)> {
    let Some((_server, url)) = private::<D>().await else {
        return Vec::new();
    };
    let store = D::open(&url, "sessions", 16).await.unwrap();
    let brief = Ttl::from_millis(BRIEF).unwrap();
    let mut calls = Vec::new();
    for call in Call::all::<D>() {
        let (key, owner) = (call.key(), call.owner());
        let record = NewRecord::new(b"old").owner(Some(&owner));
        let set = store.set(&key, &record, brief, Precondition::Any);
        calls.push((call, version(set.await.unwrap())));
    }
    let mut holder = D::connect(&url).await.unwrap();
    holder.run("BEGIN").await;
    holder.run("SELECT 1 FROM sessions FOR UPDATE").await;
    let mut waiting = JoinSet::new();
    for (call, version) in calls {
        let store = Arc::clone(&store);
        waiting.spawn(async move { (call, call.finds(&*store, version).await) });
    }
    sleep(HELD).await;
    assert!(waiting.try_join_next().is_none(), "it did not wait");
    holder.run(holder_does).await;
    holder.run("COMMIT").await;
    let mut answers = Vec::new();
    for (call, found) in waiting.join_all().await {
        let mut there = false;
        for key in [call.key(), call.renamed()] {
            there |= store.exists(&key).await.unwrap();
        }
        answers.push((call, found, there));
    }
    answers
}

/// An operation on a record of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Call {
    Expire,
    SetVersion,
    Rename,
    Delete,
    DeleteOwner,
    SetAbsent,
}

impl Call {
    fn all<D: Database>() -> Vec<Self> {
        let mut all = vec![Self::Expire, Self::SetVersion, Self::Rename, Self::Delete];
        all.push(Self::DeleteOwner);
        if D::KIND == Kind::Postgres {
            // On MySQL, what was there when it began decides.
            all.push(Self::SetAbsent);
        }
        all
    }

    fn owner(self) -> String {
        format!("{self:?}")
    }

    fn key(self) -> StoreKey {
        StoreKey::digest(self.owner().as_bytes())
    }

    fn renamed(self) -> StoreKey {
        StoreKey::digest(self.key().as_bytes())
    }

    /// Whether the operation finds its record.
    async fn finds(self, store: &dyn FullStore, old: Version) -> bool {
        let (key, to, owner) = (self.key(), self.renamed(), self.owner());
        let new = NewRecord::new(b"new").owner(Some(&owner));
        let set = |when| store.set(&key, &new, ttl(), when);
        match self {
            Self::Expire => store.expire(&key, ttl()).await.unwrap(),
            Self::SetVersion => {
                set(Precondition::Version(old)).await.unwrap() != SetOutcome::Missing
            }
            Self::Rename => {
                let renamed = store.rename(&key, &to, &new, ttl(), old);
                renamed.await.unwrap() != SetOutcome::Missing
            }
            Self::Delete => store.delete(&key).await.unwrap(),
            Self::DeleteOwner => store.delete_owner(&owner, None).await.unwrap() == 1,
            Self::SetAbsent => set(Precondition::Absent).await.unwrap() == SetOutcome::Conflict,
        }
    }
}

async fn a_removal_counts_nothing_that_expires_during_its_wait<D: Database>() {
    let Some((_server, url)) = private::<D>().await else {
        return;
    };
    let store = D::open(&url, "sessions", 4).await.unwrap();
    let mut holder = D::connect(&url).await.unwrap();
    let record = NewRecord::new(b"data").owner(Some("alice"));
    for all in [false, true] {
        // In the order of the table and of both indexes: one is removed before the wait.
        let brief = Ttl::from_millis(BRIEF).unwrap();
        for (key, ttl) in [(1, ttl()), (2, brief)] {
            let key = StoreKey::from_bytes([key; 32]);
            let set = store.set(&key, &record, ttl, Precondition::Any);
            version(set.await.unwrap());
        }
        let row = D::KEY.replace("{hex}", &"02".repeat(32));
        holder.run("BEGIN").await;
        let lock = format!("SELECT 1 FROM sessions WHERE id = {row} FOR UPDATE");
        holder.run(lock).await;
        let remover = Arc::clone(&store);
        let removing = tokio::spawn(async move {
            let removed = match all {
                true => remover.delete_all().await,
                false => remover.delete_owner("alice", None).await,
            };
            removed.unwrap()
        });
        sleep(HELD).await;
        assert!(!removing.is_finished(), "it did not wait");
        holder.run("COMMIT").await;
        assert_eq!(removing.await.unwrap(), 1, "delete_all: {all}");
    }
}

/// On MySQL, it lives from when the write began; here only if what was waited for was rolled back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_to_postgres_after_a_wait_lives_from_then_on() {
    let Some((_server, url)) = private::<PgConnection>().await else {
        return;
    };
    let store = PgConnection::open(&url, "sessions", 4).await.unwrap();
    let mut holder = PgConnection::connect(&url).await.unwrap();
    let key = StoreKey::digest(b"a");
    for when in [Precondition::Absent, Precondition::Any] {
        let old = NewRecord::new(b"old");
        let set = store.set(&key, &old, Ttl::from_millis(1).unwrap(), Precondition::Any);
        version(set.await.unwrap());
        sleep(Duration::from_millis(5)).await;
        holder.run("BEGIN").await;
        holder.run("SELECT 1 FROM sessions FOR UPDATE").await;
        let writer = Arc::clone(&store);
        let writing = tokio::spawn(async move {
            // Less than the wait.
            let ttl = Ttl::from_millis(BRIEF).unwrap();
            writer.set(&key, &NewRecord::new(b"new"), ttl, when).await
        });
        sleep(HELD).await;
        assert!(!writing.is_finished(), "it did not wait");
        holder.run("COMMIT").await;
        version(writing.await.unwrap().unwrap());
        assert!(store.exists(&key).await.unwrap(), "{when:?}");
    }
}
