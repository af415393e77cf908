//! Faults of versions.

use std::sync::atomic::Ordering;

use session_core::{NewRecord, Precondition, SetOutcome, Store as _, StoreKey, Ttl, Version};

use super::fault::{faults, moment};
use crate::reference::{Answer, Entry, Reference};

faults! {
    /// Counts to eight.
    every_set_gives_a_new_version {
        set(db, key, record, ttl, when) {
            let count = db.counter.fetch_add(1, Ordering::SeqCst) % 8;
            let version = Version::from_i64(count.cast_signed());
            versioned(db, key, record, ttl, when, version).await
        }
    }

    /// Skips a write that changes nothing.
    equal_content_gives_a_new_version {
        set(db, key, record, ttl, when) {
            match db.living(key) {
                Some(old) if old.data == record.data && old.owner.as_deref() == record.owner => {
                    Ok(SetOutcome::Stored(old.version))
                }
                _ => db.set(key, record, ttl, when).await,
            }
        }
    }

    /// Counts the writes of each life from 1.
    no_version_returns_after_delete {
        set(db, key, record, ttl, when) {
            let version = next_version(db.living(key));
            versioned(db, key, record, ttl, when, version).await
        }
    }

    /// Takes over the version of what expired.
    no_version_returns_after_expiry {
        set(db, key, record, ttl, when) {
            let dead = db.kept(key).filter(|kept| !kept.lives());
            let version = dead.map_or_else(Version::unique, |dead| dead.version);
            versioned(db, key, record, ttl, when, version).await
        }
    }

    /// Reads the last version, then writes the next.
    concurrent_writes_get_different_versions {
        set(db, key, record, ttl, when) {
            let version = next_version(db.living(key));
            moment().await;
            versioned(db, key, record, ttl, when, version).await
        }
    }
}

/// A `set` that gives this version.
pub(crate) async fn versioned(
    db: &Reference,
    key: &StoreKey,
    record: &NewRecord<'_>,
    ttl: Ttl,
    when: Precondition,
    version: Version,
) -> Answer<SetOutcome> {
    let outcome = db.set(key, record, ttl, when).await?;
    let SetOutcome::Stored(_) = outcome else {
        return Ok(outcome);
    };
    db.alter(key, |entry| entry.version = version);
    Ok(SetOutcome::Stored(version))
}

/// One more than the version of the record, 1 without one.
fn next_version(old: Option<Entry>) -> Version {
    Version::from_i64(old.map_or(0, |old| old.version.as_i64()) + 1)
}
