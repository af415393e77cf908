//! Faults of removing an owner's records.

use session_core::{
    NewRecord, OwnerIndex as _, Precondition, SetOutcome, Store as _, StoreKey, Ttl,
};

use super::fault::{faults, moment};
use crate::reference::{Answer, Entry, Reference, refusal};

faults! {
    /// Removes one page.
    delete_owner_removes_all {
        delete_owner(db, owner, _except) {
            let page = db.list(owner).await?.into_iter().take(4);
            Ok(page.filter(|listed| db.forget(&listed.key)).count() as u64)
        }
    }

    /// Counts the expired too.
    delete_owner_counts_the_living {
        delete_owner(db, owner, except) {
            let mut all = db.all();
            all.retain(|(_, entry)| entry.owner.as_deref() == Some(owner));
            db.delete_owner(owner, except).await?;
            Ok(all.len() as u64)
        }
    }

    /// Knows no exception.
    delete_owner_keeps_the_exception {
        delete_owner(db, owner, _except) { db.delete_owner(owner, None).await }
    }

    /// Takes an exception that it does not find for a mistake of the caller.
    a_foreign_exception_keeps_nothing {
        delete_owner(db, owner, except) {
            let owned = |key| db.living(key).is_some_and(|it| it.owner.as_deref() == Some(owner));
            if except.is_some_and(|key| !owned(key)) {
                return Ok(0);
            }
            db.delete_owner(owner, except).await
        }
    }

    /// Removes all whose owner begins so.
    an_unknown_owner_loses_nothing {
        delete_owner(db, owner, except) {
            Ok(db.retain(|key, entry| {
                let begins = |other: &str| other.starts_with(owner);
                Some(key) == except || !entry.owner.as_deref().is_some_and(begins)
            }))
        }
    }

    /// Removes what has no owner too.
    delete_owner_leaves_the_others {
        delete_owner(db, owner, except) {
            Ok(db.retain(|key, entry| {
                Some(key) == except || entry.owner.as_deref().is_some_and(|other| other != owner)
            }))
        }
    }

    /// Remembers what was once the owner's, and removes that.
    delete_owner_leaves_the_former {
        set(db, key, record, ttl, when) {
            if db.neighbour().living(key).is_none() {
                db.neighbour().keep(key, Entry::new(record, ttl, None));
            }
            db.set(key, record, ttl, when).await
        }
        delete_owner(db, owner, _except) {
            let once = db.neighbour().list(owner).await?;
            Ok(once.iter().filter(|listed| db.forget(&listed.key)).count() as u64)
        }
    }

    /// Compares, then creates or replaces.
    a_racing_write_survives_no_delete_owner {
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

    /// Counts, then removes.
    each_record_is_counted_once {
        delete_owner(db, owner, except) {
            let count = db.list(owner).await?.len();
            moment().await;
            db.delete_owner(owner, except).await?;
            Ok(count as u64)
        }
    }

    /// Lists the keys, then removes them.
    a_racing_rename_escapes_no_delete_owner {
        delete_owner(db, owner, _except) {
            let listed = db.list(owner).await?;
            moment().await;
            for listed in &listed {
                db.forget(&listed.key);
            }
            Ok(listed.len() as u64)
        }
    }
}
