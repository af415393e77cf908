//! Faults of housekeeping.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use session_core::{
    Maintain as _, NewRecord, Precondition, SetOutcome, Store as _, StoreKey, Ttl, Version,
};

use super::{
    fault::{faults, moment},
    versions::versioned,
};
use crate::reference::{Answer, Entry, Reference};

faults! {
    /// Takes the living too.
    purge_leaves_the_living {
        purge_expired(db, _limit) { Ok(db.retain(|_, _| false)) }
    }

    /// Knows no limit.
    purge_keeps_its_limit {
        purge_expired(db, _limit) { db.purge_expired(u32::MAX).await }
    }

    /// Counts what it looked at.
    purge_counts_the_expired_only {
        purge_expired(db, limit) {
            let seen = db.all().len();
            db.purge_expired(limit).await?;
            Ok(seen as u64)
        }
    }

    /// Counts, and removes nothing.
    purging_ends {
        purge_expired(db, limit) {
            let dead = db.all().iter().filter(|(_, entry)| !entry.lives()).count();
            Ok(dead.min(limit as usize) as u64)
        }
    }

    /// Looks for the expired, then removes their keys.
    purge_spares_the_recreated {
        purge_expired(db, _limit) { purge_later(db, |entry| !entry.lives()).await }
    }

    /// Looks for what is about to expire, then removes it.
    purge_spares_the_renewed {
        purge_expired(db, _limit) {
            let soon = Instant::now() + Duration::from_millis(10);
            purge_later(db, |entry| entry.deadline < soon).await
        }
    }

    /// Removes one page of records.
    delete_all_empties {
        delete_all(db) {
            for (key, _) in db.all().into_iter().take(4) {
                db.forget(&key);
            }
            Ok(4)
        }
    }

    /// Counts the expired too.
    delete_all_counts_the_living {
        delete_all(db) {
            let all = db.all().len();
            db.delete_all().await?;
            Ok(all as u64)
        }
    }

    /// Counts the expired too.
    count_counts_the_living {
        count(db) { Ok(db.all().len() as u64) }
    }

    /// Counts what was ever written.
    count_follows {
        set(db, key, record, ttl, when) {
            db.counter.fetch_add(1, Ordering::SeqCst);
            db.set(key, record, ttl, when).await
        }
        count(db) { Ok(db.counter.load(Ordering::SeqCst)) }
    }

    /// Starts its versions again when it is emptied.
    no_version_returns_after_delete_all {
        set(db, key, record, ttl, when) { counted(db, key, record, ttl, when).await }
        delete_all(db) {
            db.counter.store(0, Ordering::SeqCst);
            db.delete_all().await
        }
    }

    /// Starts its versions again when it is swept.
    no_version_returns_after_purge {
        set(db, key, record, ttl, when) { counted(db, key, record, ttl, when).await }
        purge_expired(db, limit) {
            db.counter.store(0, Ordering::SeqCst);
            db.purge_expired(limit).await
        }
    }

    /// Looks for all keys, then removes them.
    a_racing_rename_escapes_no_delete_all {
        delete_all(db) {
            let all = db.all();
            moment().await;
            for (key, _) in &all {
                db.forget(key);
            }
            Ok(all.len() as u64)
        }
    }
}

async fn purge_later(db: &Reference, dead: impl Fn(&Entry) -> bool) -> Answer<u64> {
    let mut all = db.all();
    all.retain(|(_, entry)| dead(entry));
    moment().await;
    for (key, _) in &all {
        db.forget(key);
    }
    Ok(all.len() as u64)
}

async fn counted(
    db: &Reference,
    key: &StoreKey,
    record: &NewRecord<'_>,
    ttl: Ttl,
    when: Precondition,
) -> Answer<SetOutcome> {
    let count = db.counter.fetch_add(1, Ordering::SeqCst);
    let version = Version::from_i64(count.cast_signed());
    versioned(db, key, record, ttl, when, version).await
}
