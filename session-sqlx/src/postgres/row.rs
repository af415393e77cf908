use std::{sync::Arc, time::Duration};

use session_core::{OwnedRecord, Record, SetOutcome, StoreKey, Timestamp, Version};
use sqlx::{Error, Row as _, postgres::PgRow};

use crate::error::unreadable;

/// Reads the first six columns of `get` and `list`. The driver refuses a column of another type.
pub(super) fn record(row: &PgRow) -> Result<Record, Error> {
    let data: Vec<u8> = row.try_get(0)?;
    let owner: Option<&str> = row.try_get(1)?;
    let version = Version::from_i64(row.try_get(2)?);
    let at = |column| row.try_get(column).map(Timestamp::from_unix_millis);
    let (created_at, expires_at, now) = (at(3)?, at(4)?, at(5)?);
    Ok(Record::new(data, version, expires_at.since(now))
        .owner(owner.map(Arc::from))
        .created_at(created_at, now))
}

/// Reads a row of `list`.
pub(super) fn owned_record(row: &PgRow) -> Result<OwnedRecord, Error> {
    let id: &[u8] = row.try_get(6)?;
    let key = StoreKey::try_from(id).map_err(|error| unreadable(6, error))?;
    Ok(OwnedRecord::new(key, record(row)?))
}

/// Reads what `set_version` and `rename` return.
pub(super) fn outcome(row: Option<&PgRow>, new: Version) -> Result<SetOutcome, Error> {
    Ok(match row.map(|row| row.try_get(0)).transpose()? {
        Some(true) => SetOutcome::Stored(new),
        Some(false) => SetOutcome::Conflict,
        None => SetOutcome::Missing,
    })
}

/// Reads the only column of `ttl`.
pub(super) fn time_left(row: &PgRow) -> Result<Duration, Error> {
    let left: i64 = row.try_get(0)?;
    Ok(Timestamp::from_unix_millis(left).since(Timestamp::from_unix_millis(0)))
}

/// Reads the only column of `count`, `delete_all` and `delete_owner`.
pub(super) fn count(row: &PgRow) -> Result<u64, Error> {
    let count: i64 = row.try_get(0)?;
    u64::try_from(count).map_err(|error| unreadable(0, error))
}

/// Reads the only column of `version`.
pub(super) fn version(row: &PgRow) -> Result<Version, Error> {
    row.try_get(0).map(Version::from_i64)
}

/// Reads the only column of a row that `delete` removed.
pub(super) fn was_living(row: &PgRow) -> Result<bool, Error> {
    row.try_get(0)
}
