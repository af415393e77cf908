use std::{sync::Arc, time::Duration};

use session_core::{OwnedRecord, Record, StoreKey, Timestamp, Version};
use sqlx::{Error, Row as _, mysql::MySqlRow};

use crate::error::unreadable;

/// Reads the first six columns of `get` and `list`. The driver refuses a column of another type.
pub(super) fn record(row: &MySqlRow) -> Result<Record, Error> {
    let data: Vec<u8> = row.try_get(0)?;
    let owner: Option<&[u8]> = row.try_get(1)?;
    let owner = owner.map(str::from_utf8).transpose();
    let owner = owner.map_err(|error| unreadable(1, error))?;
    let version = Version::from_i64(row.try_get(2)?);
    let at = |column| row.try_get(column).map(Timestamp::from_unix_millis);
    let (created_at, expires_at, now) = (at(3)?, at(4)?, at(5)?);
    Ok(Record::new(data, version, expires_at.since(now))
        .owner(owner.map(Arc::from))
        .created_at(created_at, now))
}

/// Reads a row of `list`.
pub(super) fn owned_record(row: &MySqlRow) -> Result<OwnedRecord, Error> {
    Ok(OwnedRecord::new(key(row, 6)?, record(row)?))
}

/// Reads a column that holds a key: the only one of `find_expired`.
pub(super) fn key(row: &MySqlRow, column: usize) -> Result<StoreKey, Error> {
    let id: &[u8] = row.try_get(column)?;
    StoreKey::try_from(id).map_err(|error| unreadable(column, error))
}

/// Reads the only column of `ttl`.
pub(super) fn time_left(row: &MySqlRow) -> Result<Duration, Error> {
    let left: i64 = row.try_get(0)?;
    Ok(Timestamp::from_unix_millis(left).since(Timestamp::from_unix_millis(0)))
}

/// Reads the only column of the only row of `count`.
pub(super) fn count(rows: &[MySqlRow]) -> Result<u64, Error> {
    let row = rows.first().ok_or(Error::RowNotFound)?;
    let count: i64 = row.try_get(0)?;
    u64::try_from(count).map_err(|error| unreadable(0, error))
}

/// Reads the only column of `version`.
pub(super) fn version(row: &MySqlRow) -> Result<Version, Error> {
    row.try_get(0).map(Version::from_i64)
}
