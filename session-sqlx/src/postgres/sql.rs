use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use crate::table::TableName;

/// Every statement of the store, with its table's name filled in.
///
/// Each is run alone, outside any transaction, and so atomic by itself. Parameters of a write: `$1`
/// key, `$2` owner, `$3` data, `$4` milliseconds to live, `$5` the new version; then what it alone
/// needs.
#[derive(Debug)]
pub(super) struct Sql {
    /// `$1` key.
    pub(super) get: SqlStr,
    /// A write; `$6` created at, or NULL. Changes a row in any case.
    pub(super) set_any: SqlStr,
    /// A write; `$6` created at, or NULL. Changes no row where a living one is.
    pub(super) set_absent: SqlStr,
    /// A write; `$6` the version to replace. Returns whether it has, of a living row.
    pub(super) set_version: SqlStr,
    /// A write; `$6` the version to replace, `$7` the new key, `$8` created at, or NULL. Returns the
    /// same; fails as a duplicate where the new key has a row.
    pub(super) rename: SqlStr,
    /// `$1` key. Removes what has expired, so that a rename can take its place.
    pub(super) delete_expired: SqlStr,
    /// `$1` key.
    pub(super) version: SqlStr,
    /// `$1` key.
    pub(super) delete: SqlStr,
    /// `$1` key, `$2` milliseconds to live.
    pub(super) expire: SqlStr,
    /// `$1` key.
    pub(super) exists: SqlStr,
    /// `$1` key.
    pub(super) ttl: SqlStr,
    /// `$1` how many at most.
    pub(super) purge_expired: SqlStr,
    pub(super) delete_all: SqlStr,
    pub(super) count: SqlStr,
    /// `$1` owner.
    pub(super) list: SqlStr,
    /// `$1` owner, `$2` the key to keep, or NULL.
    pub(super) delete_owner: SqlStr,
}

/// Now, in whole milliseconds, whatever the time zone. The time of the statement's beginning would
/// be wrong after it has waited for another one's lock on the row: what expired meanwhile must not
/// come back. So this is the time at which it is computed, and each occurrence has its own.
const NOW: &str = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// Whether the row of `$1` lives, once this statement has locked it. An UPDATE evaluates its conditions
/// before it waits for somebody's lock on the row, and again only if the row was changed meanwhile: one
/// that has merely expired would come back. The outer of the two asks what time it is, so after the wait;
/// what the row holds is as new as the lock.
const LIVES: &str = r#"(SELECT expires_at > {now}
                    FROM (SELECT expires_at FROM "{t}" WHERE id = $1 {lock}) AS locked)"#;
/// The lock of an UPDATE that leaves the key alone, so that foreign keys to the row stand in nobody's way.
const TO_WRITE: &str = "FOR NO KEY UPDATE";
/// The lock of one that does not.
const TO_MOVE: &str = "FOR UPDATE";

impl Sql {
    pub(super) fn new(table: &TableName) -> Self {
        let sql = |text: &str| {
            let text = text.replace("{lives to write}", &LIVES.replace("{lock}", TO_WRITE));
            let text = text.replace("{lives to move}", &LIVES.replace("{lock}", TO_MOVE));
            let text = text.replace("{t}", table.as_str()).replace("{now}", NOW);
            AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
        };
        // A record that is there keeps its `created_at`; one that has expired is not there.
        // After a wait, what is there is replaced by the clock as it is then. If an insert of the same key was waited
        // for and rolled back, the row goes in as it was computed before: it has lost the time of the wait.
        let upsert = r#"INSERT INTO "{t}" AS old
                (id, user_id, data, expires_at, created_at, updated_at, version)
            SELECT $1::bytea, $2::text, $3::bytea, ms + $4::bigint,
                least(coalesce($6::bigint, ms), ms), ms, $5::bigint
            FROM (SELECT {now} AS ms) AS now
            ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, data = excluded.data,
                expires_at = {now} + $4::bigint, updated_at = {now},
                version = excluded.version, created_at = "#;
        Self {
            get: sql(r#"SELECT data, user_id, version, created_at, expires_at, ms
                FROM "{t}", (SELECT {now} AS ms) AS now WHERE id = $1 AND expires_at > ms"#),
            set_any: sql(&format!(
                "{upsert} CASE WHEN old.expires_at > {{now}}
                    THEN old.created_at ELSE excluded.created_at END"
            )),
            set_absent: sql(&format!(
                "{upsert} excluded.created_at WHERE old.expires_at <= {{now}}"
            )),
            // A row of another version is written as it was: only the statement that has locked the
            // row knows whether it is still there, and no second look would tell.
            set_version: sql(
                r#"UPDATE "{t}" SET user_id = CASE WHEN version = $6 THEN $2 ELSE user_id END,
                    data = CASE WHEN version = $6 THEN $3 ELSE data END,
                    expires_at = CASE WHEN version = $6 THEN {now} + $4 ELSE expires_at END,
                    updated_at = CASE WHEN version = $6 THEN {now} ELSE updated_at END,
                    version = CASE WHEN version = $6 THEN $5 ELSE version END
                WHERE id = $1 AND {lives to write} RETURNING version = $5"#,
            ),
            rename: sql(
                r#"UPDATE "{t}" SET id = CASE WHEN version = $6 THEN $7 ELSE id END,
                    user_id = CASE WHEN version = $6 THEN $2 ELSE user_id END,
                    data = CASE WHEN version = $6 THEN $3 ELSE data END,
                    expires_at = CASE WHEN version = $6 THEN {now} + $4 ELSE expires_at END,
                    created_at = CASE WHEN version = $6
                        THEN least(coalesce($8, {now}), {now}) ELSE created_at END,
                    updated_at = CASE WHEN version = $6 THEN {now} ELSE updated_at END,
                    version = CASE WHEN version = $6 THEN $5 ELSE version END
                WHERE id = $1 AND {lives to move} RETURNING version = $5"#,
            ),
            delete_expired: sql(r#"DELETE FROM "{t}" WHERE id = $1 AND expires_at <= {now}"#),
            version: sql(r#"SELECT version FROM "{t}" WHERE id = $1"#),
            // An expired row goes along; only a living one was there.
            delete: sql(r#"DELETE FROM "{t}" WHERE id = $1 RETURNING expires_at > {now}"#),
            expire: sql(r#"UPDATE "{t}" SET expires_at = {now} + $2::bigint
                WHERE id = $1 AND {lives to write}"#),
            exists: sql(r#"SELECT 1 FROM "{t}" WHERE id = $1 AND expires_at > {now}"#),
            ttl: sql(
                r#"SELECT expires_at - ms FROM "{t}", (SELECT {now} AS ms) AS now
                WHERE id = $1 AND expires_at > ms"#,
            ),
            // Locked by others means written or renewed at this moment, so not to be waited for. A
            // row that was renewed meanwhile is seen as it is once it is locked.
            purge_expired: sql(r#"DELETE FROM "{t}" WHERE id = ANY (ARRAY(
                    SELECT id FROM "{t}" WHERE expires_at <= (SELECT {now})
                    ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))"#),
            // Each row is counted by the time at which it was removed: it may have been waited for.
            delete_all: sql(r#"WITH gone AS (DELETE FROM "{t}" RETURNING expires_at)
                SELECT count(*) FROM gone WHERE expires_at > {now}"#),
            count: sql(r#"SELECT count(*) FROM "{t}" WHERE expires_at > (SELECT {now})"#),
            list: sql(
                r#"SELECT data, user_id, version, created_at, expires_at, ms, id
                FROM "{t}", (SELECT {now} AS ms) AS now WHERE user_id = $1 AND expires_at > ms"#,
            ),
            delete_owner: sql(r#"WITH gone AS (DELETE FROM "{t}"
                    WHERE user_id = $1 AND id IS DISTINCT FROM $2 RETURNING expires_at)
                SELECT count(*) FROM gone WHERE expires_at > {now}"#),
        }
    }
}
