use session_core::{Operation, StoreError};

use super::PostgresStore;
use crate::{
    again::OnLoss,
    schema::{self, Wanted},
    table::TableName,
};

/// A line for each column and usable index of the table, if it is there.
const LOOK: &str = "
    SELECT format('column %s of type %s', attname, format_type(atttypid, NULL))
        FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT format('index %s on %s', relname, attname)
        FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
            JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = to_regclass($1) AND indisvalid
    UNION ALL SELECT format('unique index on %s', attname)
        FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
        WHERE indrelid = to_regclass($1) AND indisvalid AND indisunique AND indnkeyatts = 1
            AND indpred IS NULL";

impl PostgresStore {
    /// Whether all that the migrations make is there. Looked for first, since `CREATE INDEX IF NOT
    /// EXISTS` asks for a lock that writers would queue behind, if only while a vacuum has the table.
    pub(super) async fn is_migrated(&self) -> Result<bool, StoreError> {
        schema::check(self.table(), &self.look().await?, &wanted(self.table()))
    }

    /// `Ok` if it is there at last.
    pub(super) async fn check_migrated(&self) -> Result<(), StoreError> {
        schema::check_made(self.table(), &self.look().await?, &wanted(self.table()))
    }

    async fn look(&self) -> Result<Vec<String>, StoreError> {
        let table = format!("\"{}\"", self.table());
        let run = || {
            sqlx::query_scalar(LOOK)
                .persistent(false) // it is asked once
                .bind(&table)
                .fetch_all(self.pool())
        };
        let ran = self.run(Operation::Open, OnLoss::Again, run).await?;
        Ok(ran.whatever_was_lost())
    }
}

fn wanted(table: &TableName) -> Wanted {
    let columns = [
        ("id", "bytea"),
        ("user_id", "text"),
        ("data", "bytea"),
        ("expires_at", "bigint"),
        ("created_at", "bigint"),
        ("updated_at", "bigint"),
        ("version", "bigint"),
    ];
    let columns = columns.map(|(name, of_type)| format!("column {name} of type {of_type}"));
    Wanted {
        in_it: columns
            .into_iter()
            .chain(["unique index on id".to_owned()])
            .collect(),
        beside_it: vec![
            format!("index {table}_by_expiry on expires_at"),
            format!("index {table}_by_owner on user_id"),
        ],
    }
}
