//! Faults of giving another time to live.

use std::time::{Duration, Instant};

use session_core::{NewRecord, Store as _, StoreKey, Timestamp, Ttl, Version};

use super::fault::{faults, moment};
use crate::reference::{Answer, Entry, Reference};

faults! {
    /// Never moves the deadline out.
    expire_lengthens {
        expire(db, key, ttl) {
            let deadline = Instant::now() + ttl.as_duration();
            Ok(db.alter(key, |entry| entry.deadline = entry.deadline.min(deadline)))
        }
    }

    /// Never moves the deadline in.
    expire_shortens {
        expire(db, key, ttl) {
            let deadline = Instant::now() + ttl.as_duration();
            Ok(db.alter(key, |entry| entry.deadline = entry.deadline.max(deadline)))
        }
    }

    /// Takes a renewal for a birth.
    expire_leaves_the_record {
        expire(db, key, ttl) {
            db.alter(key, |entry| entry.created_at = Timestamp::now());
            db.expire(key, ttl).await
        }
    }

    /// Takes a renewal for a write.
    expire_leaves_the_version {
        expire(db, key, ttl) {
            db.alter(key, |entry| entry.version = Version::unique());
            db.expire(key, ttl).await
        }
    }

    /// Creates an empty record.
    expire_of_absent_is_false {
        expire(db, key, ttl) {
            if db.kept(key).is_none() {
                db.keep(key, Entry::new(&NewRecord::new(b""), ttl, None));
            }
            db.expire(key, ttl).await
        }
    }

    /// Only marks what it deletes, and renews what is marked.
    expire_of_deleted_is_false {
        delete(db, key) { Ok(db.mark_dead(key)) }
        expire(db, key, ttl) { Ok(db.renew_kept(key, ttl)) }
    }

    /// Tells whether anything changed, in seconds.
    expire_to_the_same_time_is_true {
        expire(db, key, ttl) {
            let before = db.ttl(key).await?;
            db.expire(key, ttl).await?;
            let changed = |left: Duration| left.abs_diff(ttl.into()) > Duration::from_secs(1);
            Ok(before.is_some_and(changed))
        }
    }

    /// Renews everything.
    expire_leaves_other_keys_alone {
        expire(db, key, ttl) {
            let found = db.living(key).is_some();
            for (other, _) in db.all() {
                db.expire(&other, ttl).await?;
            }
            Ok(found)
        }
    }

    /// Reads the record, then writes it with its new time, there or not.
    a_racing_expire_revives_nothing {
        expire(db, key, ttl) {
            let Some(entry) = db.living(key) else { return Ok(false) };
            moment().await;
            db.keep(key, Entry { deadline: Instant::now() + ttl.as_duration(), ..entry });
            Ok(true)
        }
    }

    /// Reads the record, then writes it with its new time if it is still there.
    a_racing_expire_undoes_nothing {
        expire(db, key, ttl) {
            let Some(entry) = db.living(key) else { return Ok(false) };
            moment().await;
            let deadline = Instant::now() + ttl.as_duration();
            Ok(db.alter(key, |now| *now = Entry { deadline, ..entry }))
        }
    }
}
