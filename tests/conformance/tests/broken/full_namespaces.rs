//! Faults of housekeeping and owner index that reach into another namespace.

use session_core::{Maintain as _, OwnedRecord, OwnerIndex as _, StoreKey};

use super::fault::faults;
use crate::reference::{Answer, Reference};

faults! {
    /// Counts the whole database.
    count_stays_inside {
        count(db) { Ok(db.count().await? + db.neighbour().count().await?) }
    }

    /// Empties the whole database.
    delete_all_stays_inside {
        delete_all(db) {
            db.neighbour().delete_all().await?;
            db.delete_all().await
        }
    }

    /// Sweeps the whole database.
    purge_stays_inside {
        purge_expired(db, limit) {
            let theirs = db.neighbour().purge_expired(limit).await?;
            Ok(theirs + db.purge_expired(limit).await?)
        }
    }

    /// Lists the whole database.
    list_stays_inside {
        list(db, owner) {
            let mut all = db.list(owner).await?;
            all.extend(db.neighbour().list(owner).await?);
            Ok(all)
        }
    }

    /// Removes from the whole database.
    delete_owner_stays_inside {
        delete_owner(db, owner, except) {
            let theirs = db.neighbour().delete_owner(owner, except).await?;
            Ok(theirs + db.delete_owner(owner, except).await?)
        }
    }
}
