//! Faults of expiring.

use std::time::{Duration, Instant};

use session_core::{
    NewRecord, Precondition, Record, SetOutcome, Store as _, StoreKey, Ttl, Version,
};

use super::fault::{faults, moment};
use crate::reference::{Answer, Entry, Reference, refusal};

faults! {
    /// Reads what has expired.
    expired_is_absent_for_get {
        get(db, key) { Ok(db.kept(key).map(|kept| kept.record())) }
    }

    /// Counts what has expired as there.
    expired_is_absent_for_exists {
        exists(db, key) { Ok(db.kept(key).is_some()) }
    }

    /// Says "no time left" instead of "no record".
    expired_is_absent_for_ttl {
        ttl(db, key) {
            let left = db.kept(key).map(|kept| kept.deadline);
            Ok(left.map(|deadline| deadline.saturating_duration_since(Instant::now())))
        }
    }

    /// Lets the expired stand in the way.
    absent_wins_over_expired {
        set(db, key, record, ttl, when) {
            if when == Precondition::Absent && db.kept(key).is_some() {
                return Ok(SetOutcome::Conflict);
            }
            db.set(key, record, ttl, when).await
        }
    }

    /// Swaps what has expired.
    version_of_expired_is_missing {
        set(db, key, record, ttl, when) {
            let kept = db.kept(key);
            match (when, refusal(kept.as_ref(), when)) {
                (Precondition::Version(_), None) => {
                    Ok(db.stored(key, Entry::new(record, ttl, kept.as_ref())))
                }
                _ => db.set(key, record, ttl, when).await,
            }
        }
    }

    /// Says that it removed what had expired.
    delete_of_expired_is_false {
        delete(db, key) {
            let kept = db.kept(key).is_some();
            db.forget(key);
            Ok(kept)
        }
    }

    /// Renews what has expired.
    expire_of_expired_is_false {
        expire(db, key, ttl) { Ok(db.renew_kept(key, ttl)) }
    }

    /// Moves what has expired.
    rename_of_expired_is_missing {
        rename(db, from, to, record, ttl, version) {
            if db.kept(from).is_some_and(|kept| kept.version == version) {
                db.forget(from);
                return Ok(db.stored(to, Entry::new(record, ttl, None)));
            }
            db.rename(from, to, record, ttl, version).await
        }
    }

    /// Inherits from what has expired.
    expired_leaves_no_created_at {
        set(db, key, record, ttl, when) {
            let kept = db.kept(key).map(|kept| kept.created_at);
            db.set(key, &record.created_at(kept.or(record.created_at)), ttl, when).await
        }
    }

    /// Clears what has expired out of the way, then creates whatever came meanwhile.
    one_creator_wins_over_expired {
        set(db, key, record, ttl, when) {
            if when == Precondition::Absent && db.kept(key).is_some_and(|kept| !kept.lives()) {
                moment().await;
                return Ok(db.stored(key, Entry::new(record, ttl, None)));
            }
            db.set(key, record, ttl, when).await
        }
    }

    /// Loses a tenth of the time.
    a_record_lives_until_its_time {
        set(db, key, record, ttl, when) {
            let ttl = Ttl::clamped(ttl.as_duration() * 9 / 10);
            db.set(key, record, ttl, when).await
        }
    }

    /// Sweeps now and then, and reads what is not swept yet.
    no_record_is_read_past_its_time {
        get(db, key) {
            let swept = Duration::from_millis(500);
            let kept = db.kept(key).filter(|kept| kept.deadline + swept > Instant::now());
            Ok(kept.map(|kept| kept.record()))
        }
    }

    /// Tells whole seconds.
    the_time_left_is_true {
        get(db, key) {
            let record = db.get(key).await?;
            Ok(record.map(|mut record| {
                record.expires_in = Duration::from_secs(record.expires_in.as_secs().max(1));
                record
            }))
        }
    }

    /// Counts in seconds, and takes none of them for ever.
    a_millisecond_is_a_time_to_live {
        set(db, key, record, ttl, when) {
            let ttl = if ttl.as_millis() < 1000 { Ttl::MAX } else { ttl };
            db.set(key, record, ttl, when).await
        }
    }

    /// Holds 30 days at most.
    four_hundred_days_are_kept {
        set(db, key, record, ttl, when) {
            let ttl = ttl.min(Ttl::clamped(Duration::from_secs(30 * 86_400)));
            db.set(key, record, ttl, when).await
        }
    }

    /// Takes what is less than a second for a second.
    a_shortened_record_dies_early {
        expire(db, key, ttl) {
            db.expire(key, ttl.max(Ttl::clamped(Duration::from_secs(1)))).await
        }
    }

    /// Says that it renewed, and did not.
    a_lengthened_record_lives_on {
        expire(db, key, _ttl) { Ok(db.living(key).is_some()) }
    }

    /// Sweeps a record at its first time, whatever was written since.
    a_rewritten_record_lives_on {
        set(db, key, record, ttl, when) {
            let before = db.living(key).map(|old| old.deadline);
            let outcome = db.set(key, record, ttl, when).await;
            db.alter(key, |new| new.deadline = before.unwrap_or(new.deadline));
            outcome
        }
    }
}
