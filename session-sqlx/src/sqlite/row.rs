use std::{sync::Arc, time::Duration};

use session_core::{OwnedRecord, Record, StoreKey, Timestamp, Version};
use sqlx::{Decode, Error, Row as _, Sqlite, TypeInfo as _, ValueRef as _, sqlite::SqliteRow};

use crate::error::unreadable;

/// Reads the first six columns of `get` and `list`.
pub(super) fn record(row: &SqliteRow) -> Result<Record, Error> {
    let data: Vec<u8> = column(row, 0, "BLOB")?;
    let owner: Option<&str> = if row.try_get_raw(1)?.is_null() {
        None
    } else {
        Some(column(row, 1, "TEXT")?)
    };
    let version = Version::from_i64(column(row, 2, "INTEGER")?);
    let created_at = Timestamp::from_unix_millis(column(row, 3, "INTEGER")?);
    let expires_at = Timestamp::from_unix_millis(column(row, 4, "INTEGER")?);
    let now = Timestamp::from_unix_millis(column(row, 5, "INTEGER")?);
    Ok(Record::new(data, version, expires_at.since(now))
        .owner(owner.map(Arc::from))
        .created_at(created_at, now))
}

/// Reads a row of `list`.
pub(super) fn owned_record(row: &SqliteRow) -> Result<OwnedRecord, Error> {
    let id: &[u8] = column(row, 6, "BLOB")?;
    let key = StoreKey::try_from(id).map_err(|error| unreadable(6, error))?;
    Ok(OwnedRecord::new(key, record(row)?))
}

/// Reads the only column of `ttl`.
pub(super) fn time_left(row: &SqliteRow) -> Result<Duration, Error> {
    let left: i64 = column(row, 0, "INTEGER")?;
    Ok(Timestamp::from_unix_millis(left).since(Timestamp::from_unix_millis(0)))
}

/// Reads the only column of `count`.
pub(super) fn count(row: &SqliteRow) -> Result<u64, Error> {
    let count: i64 = column(row, 0, "INTEGER")?;
    u64::try_from(count).map_err(|error| unreadable(0, error))
}

/// Reads the only column of a row that `delete_all` or `delete_owner` removed.
pub(super) fn was_living(row: &SqliteRow) -> Result<bool, Error> {
    let was_living: i64 = column(row, 0, "INTEGER")?;
    Ok(was_living != 0)
}

/// A value of exactly this type. The driver alone would take NULL for 0 and text for bytes, and so
/// let a table that somebody else made pass for a good one.
fn column<'r, T: Decode<'r, Sqlite>>(
    row: &'r SqliteRow,
    index: usize,
    sql_type: &'static str,
) -> Result<T, Error> {
    let value = row.try_get_raw(index)?;
    if value.is_null() || value.type_info().name() != sql_type {
        return Err(unreadable(index, format!("it is not of type {sql_type}")));
    }
    T::decode(value).map_err(|error| unreadable(index, error))
}
