use std::sync::Arc;

use session_core::{Operation, StoreError};
use sqlx::{AssertSqlSafe, Row as _};

use super::{MySqlStore, statement::Statement, store::CODES};
use crate::{
    again::OnLoss,
    schema::{self, Wanted},
};

/// A line for each column of the table, for its primary key, for what each index has first, whatever its name,
/// for each unique one in which rows of one owner may clash, and for its engine, if it is there; then what one packet
/// may have. The table's name is compared as the server compares it.
const LOOK: &str = "
    SELECT CAST(CONCAT('column ', LOWER(column_name), ' of type ', LOWER(data_type)) AS CHAR)
        FROM information_schema.columns
        WHERE table_schema = database() AND table_name = '{t}'
    UNION ALL SELECT CAST(CONCAT('primary key on ',
            GROUP_CONCAT(LOWER(column_name) ORDER BY seq_in_index)) AS CHAR)
        FROM information_schema.statistics
        WHERE table_schema = database() AND table_name = '{t}' AND index_name = 'PRIMARY'
        GROUP BY index_name
    UNION ALL SELECT CAST(CONCAT('index on ', LOWER(column_name)) AS CHAR)
        FROM information_schema.statistics
        WHERE table_schema = database() AND table_name = '{t}' AND seq_in_index = 1
            AND column_name IS NOT NULL AND index_type = 'BTREE'
    UNION ALL SELECT CAST('unique index on user_id' AS CHAR)
        FROM information_schema.statistics
        WHERE table_schema = database() AND table_name = '{t}' AND non_unique = 0
        GROUP BY index_name
        HAVING SUM(seq_in_index = 1 AND LOWER(column_name) = 'user_id') > 0
            AND SUM(LOWER(column_name) = 'id') = 0
    UNION ALL SELECT CAST(CONCAT('engine with transactions: ', LOWER(transactions)) AS CHAR)
        FROM information_schema.engines WHERE engine = (SELECT engine FROM information_schema.tables
            WHERE table_schema = database() AND table_name = '{t}')
    UNION ALL SELECT CAST(@@max_allowed_packet AS CHAR)";

impl MySqlStore {
    /// Whether all that the migrations make is there. Looked for first, since `CREATE TABLE IF NOT EXISTS`
    /// asks for a permission, a server that writes and a lock, also if it then has nothing to do.
    pub(super) async fn is_migrated(&self) -> Result<bool, StoreError> {
        schema::check(self.table(), &self.look().await?, &wanted())
    }

    /// `Ok` if it is there at last.
    pub(super) async fn check_migrated(&self) -> Result<(), StoreError> {
        schema::check_made(self.table(), &self.look().await?, &wanted())
    }

    /// What there is. On the way, the store learns how large a record may be.
    async fn look(&self) -> Result<Vec<String>, StoreError> {
        let sql = Arc::<str>::from(LOOK.replace("{t}", self.table().as_str()));
        // As a text, since it is asked once.
        let run = || self.fetch_all(Statement::text(AssertSqlSafe(Arc::clone(&sql))));
        let ran = self.run(Operation::Open, OnLoss::Again, run).await?;
        let rows = ran.whatever_was_lost();
        let facts = rows.iter().map(|row| row.try_get(0)).collect();
        let facts: Vec<String> = Result::map_err(facts, CODES.fault(Operation::Open))?;
        // The only line that is a number.
        if let Some(packet) = facts.iter().find_map(|fact| fact.parse().ok()) {
            self.learn_packet(packet);
        }
        Ok(facts)
    }
}

fn wanted() -> Wanted {
    let columns = [
        ("id", "binary"),
        ("user_id", "varbinary"),
        ("data", "longblob"),
        ("expires_at", "bigint"),
        ("created_at", "bigint"),
        ("updated_at", "bigint"),
        ("version", "bigint"),
    ];
    let columns = columns.map(|(name, of_type)| format!("column {name} of type {of_type}"));
    let others = [
        "primary key on id",
        "index on expires_at",
        "index on user_id",
        "engine with transactions: yes",
    ];
    Wanted {
        in_it: columns
            .into_iter()
            .chain(others.map(str::to_owned))
            .collect(),
        // It makes all with the table.
        beside_it: Vec::new(),
    }
}
