//! Faults of writing.

use session_core::{
    NewRecord, Precondition, Record, SetOutcome, Store as _, StoreKey, Ttl, Version,
};

use super::fault::{faults, moment};
use crate::reference::{Answer, Entry, Reference, refusal};

faults! {
    /// Only updates, and says that it stored.
    any_creates {
        set(db, key, record, ttl, when) {
            if when == Precondition::Any && db.living(key).is_none() {
                return Ok(SetOutcome::Stored(Version::unique()));
            }
            db.set(key, record, ttl, when).await
        }
    }

    /// Writes over the old data and leaves the rest of it.
    set_replaces_the_data {
        set(db, key, record, ttl, when) {
            let mut data = record.data.to_vec();
            if let Some(old) = db.living(key) {
                data.extend_from_slice(old.data.get(data.len()..).unwrap_or_default());
            }
            let mut record = *record;
            record.data = &data;
            db.set(key, &record, ttl, when).await
        }
    }

    /// Takes no owner for "as before".
    set_replaces_the_owner {
        set(db, key, record, ttl, when) {
            let before = db.living(key).and_then(|old| old.owner);
            let record = record.owner(record.owner.or(before.as_deref()));
            db.set(key, &record, ttl, when).await
        }
    }

    /// Never moves the deadline out.
    set_lengthens_the_time_to_live {
        set(db, key, record, ttl, when) {
            let before = db.living(key).map(|old| old.deadline);
            let outcome = db.set(key, record, ttl, when).await;
            db.alter(key, |new| new.deadline = new.deadline.min(before.unwrap_or(new.deadline)));
            outcome
        }
    }

    /// Never moves the deadline in.
    set_shortens_the_time_to_live {
        set(db, key, record, ttl, when) {
            let before = db.living(key).map(|old| old.deadline);
            let outcome = db.set(key, record, ttl, when).await;
            db.alter(key, |new| new.deadline = new.deadline.max(before.unwrap_or(new.deadline)));
            outcome
        }
    }

    /// Never creates with `Absent`.
    absent_creates {
        set(db, key, record, ttl, when) {
            if when == Precondition::Absent {
                return Ok(SetOutcome::Conflict);
            }
            db.set(key, record, ttl, when).await
        }
    }

    /// Replaces the living with `Absent`.
    absent_conflicts_with_the_living {
        set(db, key, record, ttl, when) {
            let when = if when == Precondition::Absent { Precondition::Any } else { when };
            db.set(key, record, ttl, when).await
        }
    }

    /// Looks, then creates.
    one_creator_wins {
        set(db, key, record, ttl, when) {
            if when == Precondition::Absent && db.living(key).is_some() {
                return Ok(SetOutcome::Conflict);
            }
            moment().await;
            db.set(key, record, ttl, Precondition::Any).await
        }
    }

    /// Compares and does not swap.
    version_writes_at_that_version {
        set(db, key, record, ttl, when) {
            match (when, db.living(key)) {
                (Precondition::Version(version), Some(old)) if old.version == version => {
                    Ok(SetOutcome::Stored(Version::unique()))
                }
                _ => db.set(key, record, ttl, when).await,
            }
        }
    }

    /// Swaps without comparing.
    version_conflicts_at_another {
        set(db, key, record, ttl, when) {
            let swap = matches!(when, Precondition::Version(_)) && db.living(key).is_some();
            let when = if swap { Precondition::Any } else { when };
            db.set(key, record, ttl, when).await
        }
    }

    /// Creates with `Version`.
    version_of_absent_is_missing {
        set(db, key, record, ttl, when) {
            let when = if db.kept(key).is_none() { Precondition::Any } else { when };
            db.set(key, record, ttl, when).await
        }
    }

    /// Only marks what it deletes, and swaps what is marked.
    version_of_deleted_is_missing {
        delete(db, key) { Ok(db.mark_dead(key)) }
        set(db, key, record, ttl, when) {
            let kept = db.kept(key);
            match refusal(kept.as_ref(), when) {
                Some(refused) => Ok(refused),
                None => Ok(db.stored(key, Entry::new(record, ttl, None))),
            }
        }
    }

    /// Compares, then swaps.
    one_writer_of_a_version_wins {
        set(db, key, record, ttl, when) {
            if let Some(refused) = refusal(db.living(key).as_ref(), when) {
                return Ok(refused);
            }
            moment().await;
            Ok(db.stored(key, Entry::new(record, ttl, None)))
        }
    }

    /// Acknowledges what lost, and is slow enough to read for many to lose.
    increments_add_up {
        get(db, key) {
            let record = db.get(key).await;
            moment().await;
            record
        }
        set(db, key, record, ttl, when) {
            Ok(match db.set(key, record, ttl, when).await? {
                SetOutcome::Conflict => SetOutcome::Stored(Version::unique()),
                outcome => outcome,
            })
        }
    }

    /// Has room for eight, and throws another one out.
    set_leaves_other_keys_alone {
        set(db, key, record, ttl, when) {
            let all = db.all();
            if let Some((other, _)) = all.iter().find(|(other, _)| other != key) && all.len() >= 8 {
                db.forget(other);
            }
            db.set(key, record, ttl, when).await
        }
    }
}
