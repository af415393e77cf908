use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use crate::table::TableName;

/// Every statement that the store runs, made once for its table.
///
/// Each operation is one of them, and so atomic by itself. Parameters of a write: `?1` key, `?2`
/// owner, `?3` data, `?4` milliseconds to live, `?5` the new version; then what it alone needs.
#[derive(Debug)]
pub(super) struct Sql {
    /// `?1` key.
    pub(super) get: SqlStr,
    /// A write; `?6` created at, or NULL.
    pub(super) set_any: SqlStr,
    /// A write; `?6` created at, or NULL.
    pub(super) set_absent: SqlStr,
    /// A write; `?6` the version to replace.
    pub(super) set_version: SqlStr,
    /// A write; `?6` the version to replace, `?7` the new key, `?8` created at, or NULL.
    pub(super) rename: SqlStr,
    /// `?1` key.
    pub(super) delete: SqlStr,
    /// `?1` key, `?2` milliseconds to live.
    pub(super) expire: SqlStr,
    /// `?1` key.
    pub(super) exists: SqlStr,
    /// `?1` key.
    pub(super) ttl: SqlStr,
    /// `?1` how many at most.
    pub(super) purge_expired: SqlStr,
    pub(super) delete_all: SqlStr,
    pub(super) count: SqlStr,
    /// `?1` owner.
    pub(super) list: SqlStr,
    /// `?1` owner, `?2` the key to keep, or NULL.
    pub(super) delete_owner: SqlStr,
}

/// Now, in whole milliseconds. SQLite's clock counts whole milliseconds and gives seconds as a
/// floating-point number, which a multiplication may leave a hair beside the integer: hence `round`.
/// Within one step of a statement every occurrence is the same, and a write is one step, which
/// starts when the lock is held.
const NOW: &str = "CAST(round(unixepoch('now', 'subsec') * 1000) AS INTEGER)";

impl Sql {
    pub(super) fn new(table: &TableName) -> Self {
        let sql = |text: &str| {
            let text = text.replace("{t}", table.as_str()).replace("{now}", NOW);
            AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
        };
        // A record that is there keeps its `created_at`; one that has expired is not there.
        let upsert = r#"INSERT INTO "{t}" AS old
                (id, user_id, data, expires_at, created_at, updated_at, version)
            VALUES (?1, ?2, ?3, {now} + ?4, min(coalesce(?6, {now}), {now}), {now}, ?5)
            ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, data = excluded.data,
                expires_at = excluded.expires_at, updated_at = excluded.updated_at,
                version = excluded.version, created_at = "#;
        Self {
            get: sql(
                r#"SELECT data, user_id, version, created_at, expires_at, {now}
                FROM "{t}" WHERE id = ?1 AND expires_at > {now}"#,
            ),
            set_any: sql(&format!(
                "{upsert} CASE WHEN old.expires_at > {{now}}
                    THEN old.created_at ELSE excluded.created_at END"
            )),
            set_absent: sql(&format!(
                "{upsert} excluded.created_at WHERE old.expires_at <= {{now}}"
            )),
            // At another version the CASE is NULL, which the column refuses: the statement fails
            // before it has written anything, and the failure tells a conflict from no row at all.
            set_version: sql(
                r#"UPDATE "{t}" SET user_id = ?2, data = ?3, expires_at = {now} + ?4,
                    updated_at = {now}, version = CASE WHEN version = ?6 THEN ?5 END
                WHERE id = ?1 AND expires_at > {now}"#,
            ),
            // REPLACE makes room where an expired row holds the new key; the CASE has refused by
            // then if that row lives. A refused NULL is an error under REPLACE too, since the
            // column has no default.
            rename: sql(
                r#"UPDATE OR REPLACE "{t}" SET id = ?7, user_id = ?2, data = ?3,
                    expires_at = {now} + ?4, created_at = min(coalesce(?8, {now}), {now}),
                    updated_at = {now}, version = CASE WHEN version = ?6 AND NOT EXISTS (
                        SELECT 1 FROM "{t}" AS other WHERE other.id = ?7 AND other.expires_at > {now}
                    ) THEN ?5 END
                WHERE id = ?1 AND expires_at > {now}"#,
            ),
            // An expired row goes along; only a living one was there.
            delete: sql(r#"DELETE FROM "{t}" WHERE id = ?1 RETURNING expires_at > {now}"#),
            expire: sql(r#"UPDATE "{t}" SET expires_at = {now} + ?2
                WHERE id = ?1 AND expires_at > {now}"#),
            exists: sql(r#"SELECT 1 FROM "{t}" WHERE id = ?1 AND expires_at > {now}"#),
            ttl: sql(
                r#"SELECT expires_at - {now} FROM "{t}" WHERE id = ?1 AND expires_at > {now}"#,
            ),
            purge_expired: sql(r#"DELETE FROM "{t}" WHERE rowid IN (
                SELECT rowid FROM "{t}" WHERE expires_at <= {now} ORDER BY expires_at LIMIT ?1)"#),
            delete_all: sql(r#"DELETE FROM "{t}" RETURNING expires_at > {now}"#),
            count: sql(r#"SELECT count(*) FROM "{t}" WHERE expires_at > {now}"#),
            list: sql(
                r#"SELECT data, user_id, version, created_at, expires_at, {now}, id
                FROM "{t}" WHERE user_id = ?1 AND expires_at > {now}"#,
            ),
            delete_owner: sql(r#"DELETE FROM "{t}" WHERE user_id = ?1 AND id IS NOT ?2
                RETURNING expires_at > {now}"#),
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    use super::*;

    #[tokio::test]
    async fn now_is_exact_in_every_millisecond() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        // The same expression, with 1000 points in time instead of now: of a second of 2026, and of
        // one of 2038, the year in which a multiplication alone begins to miss.
        let then = NOW.replace(
            "'now'",
            "strftime('%F %T', second, 'unixepoch') || printf('.%03d', ms)",
        );
        for second in [1_795_468_029_i64, 2_151_648_735] {
            let sql = format!(
                "WITH RECURSIVE t(ms, second) AS
                    (SELECT 0, ?1 UNION ALL SELECT ms + 1, second FROM t WHERE ms < 999)
                 SELECT count(*), sum({then} = second * 1000 + ms AND typeof({then}) = 'integer')
                 FROM t"
            );
            let exact: (i64, i64) = sqlx::query_as(AssertSqlSafe(sql))
                .bind(second)
                .fetch_one(&mut connection)
                .await
                .unwrap();
            assert_eq!(exact, (1000, 1000), "{second}");
        }
    }
}
