//! Faults of the time of creation.

use std::time::Duration;

use session_core::{
    NewRecord, Precondition, Record, SetOutcome, Store as _, StoreKey, Timestamp, Ttl,
};

use super::fault::faults;
use crate::reference::{Answer, Entry, Reference, refusal};

faults! {
    /// Takes each write for a birth.
    later_sets_keep_created_at {
        set(db, key, record, ttl, when) {
            match refusal(db.living(key).as_ref(), when) {
                Some(refused) => Ok(refused),
                None => Ok(db.stored(key, Entry::new(record, ttl, None))),
            }
        }
    }

    /// Keeps whole seconds.
    a_given_created_at_comes_back {
        set(db, key, record, ttl, when) {
            let seconds = record.created_at.map(|time| time.as_unix_millis() / 1000);
            let time = seconds.map(|seconds| Timestamp::from_unix_millis(seconds * 1000));
            db.set(key, &record.created_at(time), ttl, when).await
        }
    }

    /// Keeps the time of a zone an hour to the east, and reads it as such.
    created_at_is_now_otherwise {
        get(db, key) {
            let record = db.get(key).await?;
            Ok(record.map(|mut record| {
                let east = record.created_at.as_unix_millis() + 3_600_000;
                record.created_at = Timestamp::from_unix_millis(east);
                record
            }))
        }
    }

    /// Knows no age.
    age_is_the_time_since_created_at {
        get(db, key) {
            let record = db.get(key).await?;
            Ok(record.map(|mut record| {
                record.age = Duration::ZERO;
                record
            }))
        }
    }

    /// Only marks what it deletes, and inherits from what is marked.
    a_new_life_begins_anew {
        delete(db, key) { Ok(db.mark_dead(key)) }
        set(db, key, record, ttl, when) {
            let kept = db.kept(key).map(|kept| kept.created_at);
            db.set(key, &record.created_at(kept.or(record.created_at)), ttl, when).await
        }
    }
}
