//! Faults of housekeeping and owner index together. What an index knows by mistake is kept in the
//! other namespace.

use session_core::{Maintain as _, OwnedRecord, OwnerIndex as _, StoreKey};

use super::fault::faults;
use crate::reference::{Answer, Reference};

faults! {
    /// Leaves the lists.
    delete_all_empties_the_lists {
        delete_all(db) {
            for (key, entry) in db.all() {
                db.neighbour().keep(&key, entry);
            }
            db.delete_all().await
        }
        list(db, owner) {
            let mut all = db.list(owner).await?;
            all.extend(db.neighbour().list(owner).await?);
            Ok(all)
        }
    }

    /// Counts what `delete_owner` removed.
    delete_owner_lowers_the_count {
        delete_owner(db, owner, except) {
            for (key, entry) in db.all() {
                db.neighbour().keep(&key, entry);
            }
            db.delete_owner(owner, except).await
        }
        count(db) { Ok(db.count().await?.max(db.neighbour().count().await?)) }
    }

    /// Drops the whole list of whose record it removes.
    purge_keeps_the_lists {
        purge_expired(db, limit) {
            for (key, entry) in db.all().into_iter().filter(|(_, entry)| !entry.lives()) {
                db.neighbour().keep(&key, entry);
            }
            db.purge_expired(limit).await
        }
        list(db, owner) {
            let purged = db.neighbour().all();
            if purged.iter().any(|(_, entry)| entry.owner.as_deref() == Some(owner)) {
                return Ok(Vec::new());
            }
            db.list(owner).await
        }
    }
}
