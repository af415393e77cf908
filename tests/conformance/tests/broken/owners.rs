//! Faults of the owner index. What an index knows by mistake is kept in the other namespace.

use session_core::{
    NewRecord, OwnedRecord, OwnerIndex as _, Precondition, SetOutcome, Store as _, StoreKey, Ttl,
    Version,
};

use super::fault::{faults, moment};
use crate::reference::{Answer, Entry, Reference};

faults! {
    /// Lists everything for whom it does not know.
    an_unknown_owner_has_nothing {
        list(db, owner) {
            let known = db.list(owner).await?;
            if known.is_empty() { Ok(listed(db.all())) } else { Ok(known) }
        }
    }

    /// Lists one page.
    list_is_exact {
        list(db, owner) {
            let mut all = db.list(owner).await?;
            all.truncate(2);
            Ok(all)
        }
    }

    /// Lists keys with no data.
    list_returns_what_get_returns {
        list(db, owner) {
            let mut all = db.list(owner).await?;
            for listed in &mut all {
                listed.record.data.clear();
            }
            Ok(all)
        }
    }

    /// Leaves the record in the list of its first owner.
    another_owner_takes_the_record {
        set(db, key, record, ttl, when) {
            if let (Some(old), Some(_)) = (db.living(key), record.owner) {
                db.neighbour().keep(key, old);
            }
            db.set(key, record, ttl, when).await
        }
        list(db, owner) { both(db, owner).await }
    }

    /// Leaves the record in the list when its owner is taken away.
    no_owner_leaves_the_list {
        set(db, key, record, ttl, when) {
            if let (Some(old), None) = (db.living(key), record.owner) {
                db.neighbour().keep(key, old);
            }
            db.set(key, record, ttl, when).await
        }
        list(db, owner) { both(db, owner).await }
    }

    /// Leaves what is deleted in the list.
    a_deleted_record_leaves_the_list {
        delete(db, key) {
            if let Some(old) = db.living(key) {
                db.neighbour().keep(key, old);
            }
            db.delete(key).await
        }
        list(db, owner) { both(db, owner).await }
    }

    /// Lists what has expired.
    an_expired_record_leaves_the_list {
        list(db, owner) {
            let mut all = db.all();
            all.retain(|(_, entry)| entry.owner.as_deref() == Some(owner));
            Ok(listed(all))
        }
    }

    /// Leaves `from` in the list.
    a_renamed_record_is_listed_as_to {
        rename(db, from, to, record, ttl, version) {
            if let Some(old) = db.living(from) {
                db.neighbour().keep(from, old);
            }
            db.rename(from, to, record, ttl, version).await
        }
        list(db, owner) { both(db, owner).await }
    }

    /// Lists what it refused to write.
    a_refused_write_changes_no_list {
        set(db, key, record, ttl, when) {
            let outcome = db.set(key, record, ttl, when).await?;
            if !matches!(outcome, SetOutcome::Stored(_)) {
                db.neighbour().keep(key, Entry::new(record, ttl, None));
            }
            Ok(outcome)
        }
        list(db, owner) { both(db, owner).await }
    }

    /// Renews the record and not its place in the list.
    a_renewed_record_stays_listed {
        set(db, key, record, ttl, when) {
            db.neighbour().keep(key, Entry::new(record, ttl, None));
            db.set(key, record, ttl, when).await
        }
        list(db, owner) {
            let mut all = db.list(owner).await?;
            all.retain(|listed| db.neighbour().living(&listed.key).is_some());
            Ok(all)
        }
    }

    /// Finds a key that is used anew by its former owner.
    a_reused_key_has_its_new_owner_only {
        set(db, key, record, ttl, when) {
            if let Some(dead) = db.kept(key).filter(|kept| !kept.lives()) {
                db.neighbour().keep(key, dead);
                db.neighbour().renew_kept(key, ttl);
            }
            db.set(key, record, ttl, when).await
        }
        list(db, owner) { both(db, owner).await }
    }

    /// Reads the list, then writes it with one more.
    concurrent_records_are_all_listed {
        set(db, key, record, ttl, when) {
            let index = StoreKey::from_bytes([0; StoreKey::LEN]);
            let before = db.neighbour().living(&index).map(|index| index.data);
            moment().await;
            let longer = [before.unwrap_or_default(), key.as_bytes().to_vec()].concat();
            db.neighbour().keep(&index, Entry::new(&NewRecord::new(&longer), ttl, None));
            db.set(key, record, ttl, when).await
        }
        list(db, owner) {
            let index = StoreKey::from_bytes([0; StoreKey::LEN]);
            let keys = db.neighbour().living(&index).map(|index| index.data).unwrap_or_default();
            let mut all = db.list(owner).await?;
            all.retain(|listed| keys.chunks(StoreKey::LEN).any(|key| key == listed.key.as_bytes()));
            Ok(all)
        }
    }

    /// Compares owners without regard to case.
    owners_that_look_alike_stay_apart {
        list(db, owner) {
            let mut all = db.all();
            all.retain(|(_, entry)| {
                entry.owner.as_deref().is_some_and(|other| other.eq_ignore_ascii_case(owner))
            });
            Ok(listed(all))
        }
    }

    /// Writes the record, then its list.
    cut_off_the_list_agrees {
        set(db, key, record, ttl, when) {
            let outcome = db.set(key, record, ttl, when).await;
            moment().await;
            db.neighbour().keep(key, Entry::new(record, ttl, None));
            outcome
        }
        list(db, owner) {
            let mut all = db.neighbour().list(owner).await?;
            all.retain(|listed| db.living(&listed.key).is_some());
            Ok(all)
        }
    }
}

fn listed(all: Vec<(StoreKey, Entry)>) -> Vec<OwnedRecord> {
    let listed = |(key, entry): (StoreKey, Entry)| OwnedRecord::new(key, entry.record());
    all.into_iter().map(listed).collect()
}

async fn both(db: &Reference, owner: &str) -> Answer<Vec<OwnedRecord>> {
    let mut all = db.list(owner).await?;
    all.extend(db.neighbour().list(owner).await?);
    Ok(all)
}
