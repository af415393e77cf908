use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use crate::table::TableName;

/// Every statement of the store, with its table's name filled in.
///
/// Each is run alone, outside any transaction, and so atomic by itself; before some goes a word about
/// how they lock (`connection.rs`). Only what both MySQL 8 and
/// MariaDB document is used, so there is no `RETURNING`, and `VALUES` refers to the row to insert.
/// Parameters are bound in the order in which the field's comment names them.
#[derive(Debug)]
pub(super) struct Sql {
    /// Key.
    pub(super) get: SqlStr,
    /// Key, owner, data, milliseconds to live, created at or NULL, new version.
    pub(super) set_any: SqlStr,
    /// The same. Where a living row is, nothing changes and the insert ID is [`CONFLICT`].
    pub(super) set_absent: SqlStr,
    /// Old version, owner; old version, data; old version, milliseconds to live; old version; old
    /// version, new version; key. The insert ID is [`STORED`], [`CONFLICT`], or 0 if there is no
    /// living row.
    pub(super) set_version: SqlStr,
    /// Old version, new key; old version, created at or NULL; then as `set_version`, which see for
    /// the answer. Fails as a duplicate where the new key has a row.
    pub(super) rename: SqlStr,
    /// Key. Removes what has expired, so that a rename can take its place.
    pub(super) delete_expired: SqlStr,
    /// Key.
    pub(super) version: SqlStr,
    /// Key.
    pub(super) delete: SqlStr,
    /// Milliseconds to live, key.
    pub(super) expire: SqlStr,
    /// Key.
    pub(super) exists: SqlStr,
    /// Key.
    pub(super) ttl: SqlStr,
    /// How many at most.
    pub(super) find_expired: SqlStr,
    /// As many keys as a [`BATCH`] has.
    pub(super) purge_these: SqlStr,
    pub(super) delete_living: SqlStr,
    pub(super) delete_rest: SqlStr,
    pub(super) count: SqlStr,
    /// Owner.
    pub(super) list: SqlStr,
    /// Owner, the key to keep or NULL.
    pub(super) delete_owner: SqlStr,
}

/// What `LAST_INSERT_ID(...)` sends back with the answer: the row had the version, and was written.
pub(super) const STORED: u64 = 1;
/// It had not, or was there though it should not be.
pub(super) const CONFLICT: u64 = 2;

/// When the statement began, in whole milliseconds, whatever the time zone: the same wherever it
/// stands in the statement.
const START: &str = "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000)";

/// Now, in whole milliseconds, each time anew. After a statement has waited for another one's lock on
/// the row, `START` is long past, and what expired meanwhile must not come back. MySQL has no such
/// clock in UTC: so it is the start and what has passed since, by a clock that may jump by an hour
/// where the connection is set to a time zone that has a summer time. The driver sets it to UTC.
const NOW: &str = "((TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))
        + GREATEST(0, LEAST(60000000, TIMESTAMPDIFF(MICROSECOND, NOW(6), SYSDATE(6))))) DIV 1000)";

/// How many rows one statement of `purge_expired` removes at most, so that none holds its locks for long.
pub(super) const BATCH: usize = 500;

impl Sql {
    pub(super) fn new(table: &TableName) -> Self {
        let sql = |text: &str| {
            let text = text.replace("{t}", table.as_str());
            let text = text.replace("{start}", START).replace("{now}", NOW);
            AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
        };
        let insert = "INSERT INTO `{t}`
                (id, user_id, data, expires_at, created_at, updated_at, version)
            VALUES (?, ?, ?, {start} + ?, LEAST(COALESCE(?, {start}), {start}), {start}, ?)
            ON DUPLICATE KEY UPDATE";
        // Assignments see those before them, or with MariaDB's SIMULTANEOUS_ASSIGNMENT do not: right
        // both ways is what decides by a column that is assigned last. It also tells the outcome.
        let swap = "user_id = IF(version = ?, ?, user_id), data = IF(version = ?, ?, data),
                expires_at = IF(version = ?, {now} + ?, expires_at),
                updated_at = IF(version = ?, {now}, updated_at),
                version = IF(LAST_INSERT_ID(IF(version = ?, 1, 2)) = 1, ?, version)
            WHERE id = ? AND expires_at > {now}";
        Self {
            get: sql(
                "SELECT data, user_id, version, created_at, expires_at, {start}
                FROM `{t}` WHERE id = ? AND expires_at > {start}",
            ),
            // A record that is there keeps its `created_at`; one that has expired is not there.
            set_any: sql(&format!(
                "{insert}
                    created_at = IF(expires_at > {{start}}, created_at, VALUES(created_at)),
                    user_id = VALUES(user_id), data = VALUES(data),
                    updated_at = VALUES(updated_at), version = VALUES(version),
                    expires_at = VALUES(expires_at)"
            )),
            // All decide alike, by the start.
            set_absent: sql(&format!(
                "{insert}
                    user_id = IF(expires_at > {{start}}, user_id, VALUES(user_id)),
                    data = IF(expires_at > {{start}}, data, VALUES(data)),
                    created_at = IF(expires_at > {{start}}, created_at, VALUES(created_at)),
                    updated_at = IF(expires_at > {{start}}, updated_at, VALUES(updated_at)),
                    version = IF(expires_at > {{start}}, version, VALUES(version)),
                    expires_at = IF(LAST_INSERT_ID(IF(expires_at > {{start}}, 2, 1)) = 2,
                        expires_at, VALUES(expires_at))"
            )),
            set_version: sql(&format!("UPDATE `{{t}}` SET {swap}")),
            rename: sql(&format!(
                "UPDATE `{{t}}` SET id = IF(version = ?, ?, id), created_at = IF(version = ?,
                    LEAST(COALESCE(?, {{start}}), {{start}}), created_at), {swap}"
            )),
            delete_expired: sql("DELETE FROM `{t}` WHERE id = ? AND expires_at <= {now}"),
            version: sql("SELECT version FROM `{t}` WHERE id = ?"),
            delete: sql("DELETE FROM `{t}` WHERE id = ? AND expires_at > {now}"),
            expire: sql("UPDATE `{t}` SET expires_at = {now} + ?
                WHERE id = ? AND expires_at > {now}"),
            exists: sql("SELECT 1 FROM `{t}` WHERE id = ? AND expires_at > {start}"),
            ttl: sql("SELECT expires_at - {start} FROM `{t}`
                WHERE id = ? AND expires_at > {start}"),
            // Two, since a DELETE with a LIMIT would lock what lies between, too, and skip nothing. What
            // others have locked is written or renewed at this moment, so not to be waited for.
            find_expired: sql("SELECT id FROM `{t}` WHERE expires_at <= {start}
                ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED"),
            // By the key in any case: of few rows, the optimizer would rather walk all, and wait for those
            // that others have locked. Only a DELETE that names its tables twice takes such a hint.
            purge_these: sql(&format!(
                "DELETE s FROM `{{t}}` AS s FORCE INDEX (PRIMARY)
                WHERE s.expires_at <= {{now}} AND s.id IN (?{})",
                ",?".repeat(BATCH - 1)
            )),
            delete_living: sql("DELETE FROM `{t}` WHERE expires_at > {now}"),
            delete_rest: sql("DELETE FROM `{t}` WHERE expires_at <= {now}"),
            count: sql("SELECT COUNT(*) FROM `{t}` WHERE expires_at > {start}"),
            list: sql(
                "SELECT data, user_id, version, created_at, expires_at, {start}, id
                FROM `{t}` WHERE user_id = ? AND expires_at > {start}",
            ),
            delete_owner: sql("DELETE FROM `{t}` WHERE user_id = ? AND NOT (id <=> ?)
                AND expires_at > {now}"),
        }
    }
}
