//! Faults of moving.

use session_core::{
    NewRecord, Precondition, SetOutcome, Store as _, StoreKey, Timestamp, Ttl, Version,
};

use super::fault::faults;
use crate::reference::{Answer, Reference, refusal};

faults! {
    /// Copies.
    rename_moves {
        rename(db, from, to, record, ttl, version) {
            match refusal(db.living(from).as_ref(), Precondition::Version(version)) {
                Some(refused) => Ok(refused),
                None => db.set(to, record, ttl, Precondition::Absent).await,
            }
        }
    }

    /// Takes a move for a birth.
    rename_gives_created_at {
        rename(db, from, to, record, ttl, version) {
            let record = record.created_at(Some(Timestamp::now()));
            db.rename(from, to, &record, ttl, version).await
        }
    }

    /// Moves the deadline too.
    rename_gives_the_time_to_live {
        rename(db, from, to, record, ttl, version) {
            let before = db.living(from).map(|old| old.deadline);
            let outcome = db.rename(from, to, record, ttl, version).await;
            db.alter(to, |new| new.deadline = before.unwrap_or(new.deadline));
            outcome
        }
    }

    /// Moves whatever is there.
    rename_at_another_version_conflicts {
        rename(db, from, to, record, ttl, version) {
            let version = db.living(from).map_or(version, |old| old.version);
            db.rename(from, to, record, ttl, version).await
        }
    }

    /// Creates `to`.
    rename_of_absent_is_missing {
        rename(db, from, to, record, ttl, version) {
            if db.kept(from).is_none() {
                return db.set(to, record, ttl, Precondition::Absent).await;
            }
            db.rename(from, to, record, ttl, version).await
        }
    }

    /// Only marks what it deletes, and moves what is marked.
    rename_of_deleted_is_missing {
        delete(db, key) { Ok(db.mark_dead(key)) }
        rename(db, from, to, record, ttl, version) {
            db.renew_kept(from, ttl);
            db.rename(from, to, record, ttl, version).await
        }
    }

    /// Replaces whatever `to` holds.
    rename_onto_the_living_conflicts {
        rename(db, from, to, record, ttl, version) {
            if from != to && db.living(from).is_some() {
                db.forget(to);
            }
            db.rename(from, to, record, ttl, version).await
        }
    }

    /// Lets the expired stand in the way.
    rename_onto_expired_works {
        rename(db, from, to, record, ttl, version) {
            if db.kept(to).is_some() {
                return Ok(SetOutcome::Conflict);
            }
            db.rename(from, to, record, ttl, version).await
        }
    }

    /// Writes in place.
    rename_onto_itself_conflicts {
        rename(db, from, to, record, ttl, version) {
            if from == to {
                return db.set(to, record, ttl, Precondition::Version(version)).await;
            }
            db.rename(from, to, record, ttl, version).await
        }
    }

    /// Moves the version too.
    rename_gives_a_new_version {
        rename(db, from, to, record, ttl, version) {
            let outcome = db.rename(from, to, record, ttl, version).await?;
            let SetOutcome::Stored(_) = outcome else { return Ok(outcome) };
            db.alter(to, |entry| entry.version = version);
            Ok(SetOutcome::Stored(version))
        }
    }

    /// Removes whatever has the same owner.
    rename_leaves_other_keys_alone {
        rename(db, from, to, record, ttl, version) {
            let owner = db.living(from).and_then(|old| old.owner);
            let outcome = db.rename(from, to, record, ttl, version).await;
            db.retain(|key, entry| key == to || entry.owner != owner);
            outcome
        }
    }
}
