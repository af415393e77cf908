//! Faults that reach into another namespace.

use session_core::{
    NewRecord, Precondition, Record, SetOutcome, Store as _, StoreKey, Ttl, Version,
};

use super::fault::faults;
use crate::reference::{Answer, Reference};

faults! {
    /// Reads the neighbour's.
    the_other_does_not_see_it {
        get(db, key) {
            let mine = db.get(key).await?;
            if mine.is_some() { Ok(mine) } else { db.neighbour().get(key).await }
        }
    }

    /// Lets the neighbour's stand in the way.
    both_create_under_one_key {
        set(db, key, record, ttl, when) {
            if when == Precondition::Absent && db.neighbour().living(key).is_some() {
                return Ok(SetOutcome::Conflict);
            }
            db.set(key, record, ttl, when).await
        }
    }

    /// Removes the neighbour's too.
    delete_and_expire_stay_inside {
        delete(db, key) {
            db.neighbour().delete(key).await?;
            db.delete(key).await
        }
    }

    /// Meets the neighbour's.
    rename_stays_inside {
        rename(db, from, to, record, ttl, version) {
            if db.living(from).is_some() && db.neighbour().living(to).is_some() {
                return Ok(SetOutcome::Conflict);
            }
            db.rename(from, to, record, ttl, version).await
        }
    }

    /// Swaps the neighbour's.
    a_foreign_version_is_missing {
        set(db, key, record, ttl, when) {
            match db.set(key, record, ttl, when).await? {
                SetOutcome::Missing => db.neighbour().set(key, record, ttl, when).await,
                outcome => Ok(outcome),
            }
        }
    }
}
