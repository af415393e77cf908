//! Faults of what is kept.

use session_core::{NewRecord, Precondition, Record, SetOutcome, Store as _, StoreKey, Ttl};

use super::fault::faults;
use crate::reference::{Answer, Reference};

faults! {
    /// Takes empty data for none.
    empty_data_comes_back {
        set(db, key, record, ttl, when) {
            let outcome = db.set(key, record, ttl, when).await;
            if record.data.is_empty() {
                db.forget(key);
            }
            outcome
        }
    }

    /// Ends the data at the first NUL.
    nul_bytes_come_back {
        set(db, key, record, ttl, when) {
            let mut record = *record;
            record.data = record.data.split(|byte| *byte == 0).next().unwrap_or_default();
            db.set(key, &record, ttl, when).await
        }
    }

    /// Takes the data for a text.
    every_byte_value_comes_back {
        set(db, key, record, ttl, when) {
            let text = String::from_utf8_lossy(record.data);
            let mut record = *record;
            record.data = text.as_bytes();
            db.set(key, &record, ttl, when).await
        }
    }

    /// Has room for 64 KiB.
    a_mebibyte_comes_back {
        set(db, key, record, ttl, when) {
            let mut record = *record;
            record.data = &record.data[..record.data.len().min(1 << 16)];
            db.set(key, &record, ttl, when).await
        }
    }

    /// Keeps what reads like a number as a number.
    bytes_that_read_like_values_stay_bytes {
        set(db, key, record, ttl, when) {
            let text = str::from_utf8(record.data).unwrap_or_default();
            let number = text.parse::<f64>().map(|number| number.to_string());
            let mut record = *record;
            if let Ok(number) = &number {
                record.data = number.as_bytes();
            }
            db.set(key, &record, ttl, when).await
        }
    }

    /// Loses the last bit of the key.
    keys_one_bit_apart_stay_apart {
        get(db, key) { db.get(&coarse(key)).await }
        set(db, key, record, ttl, when) { db.set(&coarse(key), record, ttl, when).await }
    }

    /// Keeps ASCII only.
    the_owner_comes_back {
        set(db, key, record, ttl, when) {
            let owner = record.owner.map(|owner| owner.replace(|c: char| !c.is_ascii(), "?"));
            let record = record.owner(owner.as_deref());
            db.set(key, &record, ttl, when).await
        }
    }

    /// Takes the empty owner for none.
    an_empty_owner_is_an_owner {
        set(db, key, record, ttl, when) {
            let record = record.owner(record.owner.filter(|owner| !owner.is_empty()));
            db.set(key, &record, ttl, when).await
        }
    }
}

fn coarse(key: &StoreKey) -> StoreKey {
    let mut bytes = *key.as_bytes();
    bytes[StoreKey::LEN - 1] |= 1 << 7;
    StoreKey::from_bytes(bytes)
}
