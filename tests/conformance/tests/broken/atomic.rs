//! Faults of operations in several steps.

use std::sync::atomic::Ordering;

use session_core::{
    NewRecord, Operation, Precondition, SetOutcome, Store as _, StoreError, StoreErrorKind,
    StoreKey, Ttl, Version,
};

use super::fault::{faults, moment};
use crate::reference::{Answer, Entry, Reference};

faults! {
    /// Creates an empty record, then fills it.
    a_cut_off_creation_is_whole_or_nothing {
        set(db, key, record, ttl, when) {
            if db.living(key).is_some() {
                return db.set(key, record, ttl, when).await;
            }
            db.keep(key, Entry::new(&NewRecord::new(b""), ttl, None));
            moment().await;
            db.set(key, record, ttl, Precondition::Any).await
        }
    }

    /// Writes the data, then the rest.
    a_cut_off_set_is_whole_or_nothing {
        set(db, key, record, ttl, when) {
            db.alter(key, |entry| entry.data = record.data.to_vec());
            moment().await;
            db.set(key, record, ttl, when).await
        }
    }

    /// Empties the record, then removes it.
    a_cut_off_delete_is_whole_or_nothing {
        delete(db, key) {
            db.alter(key, |entry| entry.data.clear());
            moment().await;
            db.delete(key).await
        }
    }

    /// Takes the record out, then puts it back with its new time.
    a_cut_off_expire_leaves_the_record {
        expire(db, key, ttl) {
            let Some(entry) = db.living(key) else { return Ok(false) };
            db.forget(key);
            moment().await;
            db.keep(key, entry);
            db.expire(key, ttl).await
        }
    }

    /// Removes `from` while it still writes `to`.
    a_cut_off_rename_loses_nothing {
        rename(db, from, to, record, ttl, version) {
            let half = NewRecord::new(&record.data[..record.data.len() / 2]);
            let outcome = db.rename(from, to, &half, ttl, version).await?;
            let SetOutcome::Stored(_) = outcome else { return Ok(outcome) };
            moment().await;
            Ok(db.stored(to, Entry::new(record, ttl, None)))
        }
    }

    /// Has eight connections, and loses one with each operation that is cut off.
    cut_off_operations_use_nothing_up {
        set(db, key, record, ttl, when) {
            if db.counter.fetch_add(1, Ordering::SeqCst) >= 8 {
                return Err(StoreError::new(StoreErrorKind::Unavailable, Operation::Set));
            }
            moment().await;
            db.counter.fetch_sub(1, Ordering::SeqCst);
            db.set(key, record, ttl, when).await
        }
    }

    /// Has one buffer for all writers.
    tasks_on_different_keys_stay_apart {
        set(db, key, record, ttl, when) {
            let buffer = StoreKey::from_bytes([0; StoreKey::LEN]);
            db.keep(&buffer, Entry::new(record, ttl, None));
            moment().await;
            let data = db.kept(&buffer).map(|entry| entry.data).unwrap_or_default();
            let mut record = *record;
            record.data = &data;
            db.set(key, &record, ttl, when).await
        }
    }

    /// Writes the owner, then the data.
    no_reader_sees_a_mixture {
        set(db, key, record, ttl, when) {
            db.alter(key, |entry| entry.owner = record.owner.map(Into::into));
            moment().await;
            db.set(key, record, ttl, when).await
        }
    }
}
