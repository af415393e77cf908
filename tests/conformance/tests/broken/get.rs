//! Faults of reading.

use std::time::Duration;

use session_core::{
    NewRecord, Precondition, Record, SetOutcome, Store as _, StoreKey, Ttl, Version,
};

use super::fault::faults;
use crate::reference::{Answer, Entry, Reference};

faults! {
    /// Makes a record up where there is none.
    absent_key_is_none {
        get(db, key) {
            let made_up = Entry::new(&NewRecord::new(b""), Ttl::MAX, None);
            Ok(Some(db.living(key).unwrap_or(made_up).record()))
        }
    }

    /// Slides: each read gives ten minutes more.
    get_leaves_the_time_to_live {
        get(db, key) {
            let record = db.get(key).await?;
            db.expire(key, Ttl::clamped(Duration::from_secs(600))).await?;
            Ok(record)
        }
    }

    /// Gives each read a version of its own.
    get_leaves_the_record {
        get(db, key) {
            let record = db.get(key).await?;
            db.alter(key, |entry| entry.version = Version::unique());
            Ok(record)
        }
    }

    /// Says another version than it stored.
    get_returns_the_version_of_the_set {
        set(db, key, record, ttl, when) {
            Ok(match db.set(key, record, ttl, when).await? {
                SetOutcome::Stored(_) => SetOutcome::Stored(Version::unique()),
                refused => refused,
            })
        }
    }

    /// Takes every key for a living one.
    exists_says_what_get_says {
        exists(_db, _key) { Ok(true) }
    }

    /// Rounds up to whole seconds.
    ttl_says_what_get_says {
        ttl(db, key) {
            let left = db.ttl(key).await?;
            Ok(left.map(|left| Duration::from_secs(left.as_secs() + 1)))
        }
    }

    /// Slides: whoever asks for the time left gives ten minutes more.
    exists_and_ttl_change_nothing {
        ttl(db, key) {
            db.expire(key, Ttl::clamped(Duration::from_secs(600))).await?;
            db.ttl(key).await
        }
    }
}
