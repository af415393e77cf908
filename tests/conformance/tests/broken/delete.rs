//! Faults of removing.

use session_core::{NewRecord, Precondition, SetOutcome, StoreKey, Ttl};

use super::fault::{faults, moment};
use crate::reference::{Answer, Entry, Reference, refusal};

faults! {
    /// Only marks what it deletes, and finds it again.
    delete_is_true_once {
        delete(db, key) {
            db.mark_dead(key);
            Ok(db.kept(key).is_some())
        }
    }

    /// Takes "it is not there" for "it was removed".
    delete_of_absent_is_false {
        delete(db, key) {
            db.forget(key);
            Ok(db.living(key).is_none())
        }
    }

    /// Says so and does not.
    deleted_is_absent {
        delete(db, key) { Ok(db.living(key).is_some()) }
    }

    /// Removes whatever has the same owner.
    delete_leaves_other_keys_alone {
        delete(db, key) {
            let owner = db.living(key).and_then(|entry| entry.owner);
            Ok(db.retain(|_, entry| entry.owner != owner) > 0)
        }
    }

    /// Looks, then removes.
    one_of_many_deletes_is_true {
        delete(db, key) {
            let found = db.living(key).is_some();
            moment().await;
            db.forget(key);
            Ok(found)
        }
    }

    /// Compares, then creates or replaces.
    a_racing_write_revives_nothing {
        set(db, key, record, ttl, when) {
            let old = db.living(key);
            if let Some(refused) = refusal(old.as_ref(), when) {
                return Ok(refused);
            }
            if when != Precondition::Any {
                moment().await;
            }
            Ok(db.stored(key, Entry::new(record, ttl, old.as_ref())))
        }
    }
}
