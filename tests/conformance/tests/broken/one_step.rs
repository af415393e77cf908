//! Faults of a rename in several steps.

use session_core::{NewRecord, Precondition, SetOutcome, Store as _, StoreKey, Ttl, Version};

use super::fault::{faults, moment};
use crate::reference::{Answer, Entry, Reference, refusal};

faults! {
    /// Compares, then moves whether it is still there or not.
    a_racing_delete_is_not_undone {
        rename(db, from, to, record, ttl, version) {
            if let Some(refused) =
                refusal(db.living(from).as_ref(), Precondition::Version(version))
            {
                return Ok(refused);
            }
            moment().await;
            db.forget(from);
            Ok(db.stored(to, Entry::new(record, ttl, None)))
        }
    }

    /// Writes `to`, then removes `from`.
    a_cut_off_rename_moved_or_did_not {
        rename(db, from, to, record, ttl, version) {
            if let Some(refused) =
                refusal(db.living(from).as_ref(), Precondition::Version(version))
            {
                return Ok(refused);
            }
            let outcome = db.set(to, record, ttl, Precondition::Absent).await;
            moment().await;
            db.forget(from);
            outcome
        }
    }
}
