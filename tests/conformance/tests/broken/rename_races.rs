//! Faults of moving while others are at it.

use session_core::{NewRecord, Precondition, SetOutcome, Store as _, StoreKey, Ttl, Version};

use super::fault::{faults, moment};
use crate::reference::{Answer, Entry, Reference, refusal};

faults! {
    /// Compares, then moves.
    one_rename_of_a_record_wins {
        rename(db, from, to, record, ttl, version) {
            if let Some(refused) =
                refusal(db.living(from).as_ref(), Precondition::Version(version))
            {
                return Ok(refused);
            }
            moment().await;
            db.forget(from);
            db.set(to, record, ttl, Precondition::Absent).await
        }
    }

    /// Looks whether `to` is free, then writes it.
    one_rename_onto_a_key_wins {
        rename(db, from, to, record, ttl, version) {
            if db.living(to).is_some() {
                return Ok(SetOutcome::Conflict);
            }
            moment().await;
            db.forget(to);
            db.rename(from, to, record, ttl, version).await
        }
    }

    /// Compares, then moves whatever was written meanwhile.
    a_racing_write_and_rename_exclude_each_other {
        rename(db, from, to, record, ttl, version) {
            if let Some(refused) =
                refusal(db.living(from).as_ref(), Precondition::Version(version))
            {
                return Ok(refused);
            }
            moment().await;
            let Some(now) = db.living(from) else { return Ok(SetOutcome::Missing) };
            db.rename(from, to, record, ttl, now.version).await
        }
    }

    /// Leaves `to` behind when `from` is removed meanwhile.
    a_racing_delete_leaves_no_doubt {
        rename(db, from, to, record, ttl, version) {
            if let Some(refused) =
                refusal(db.living(from).as_ref(), Precondition::Version(version))
            {
                return Ok(refused);
            }
            let outcome = db.set(to, record, ttl, Precondition::Absent).await;
            moment().await;
            if db.forget(from) { outcome } else { Ok(SetOutcome::Missing) }
        }
    }

    /// Removes `from`, then writes `to`.
    one_of_both_is_always_there {
        rename(db, from, to, record, ttl, version) {
            if let Some(refused) =
                refusal(db.living(from).as_ref(), Precondition::Version(version))
            {
                return Ok(refused);
            }
            db.forget(from);
            moment().await;
            Ok(db.stored(to, Entry::new(record, ttl, None)))
        }
    }
}
