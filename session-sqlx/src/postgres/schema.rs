use session_core::{Operation, StoreError};

use sqlx::Row as _;

use super::{PostgresStore, store::CODES};
use crate::{
    again::OnLoss,
    schema::{self, Wanted},
};

/// A line for each column of the table, if it is there, and for what each usable index has first, whatever its
/// name. Of partial ones there is only that which the migrations make.
const LOOK: &str = "
    SELECT format('column %s of type %s', attname, format_type(atttypid, NULL))
        FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT format('index on %s', attname)
        FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
            JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
        WHERE indrelid = to_regclass($1) AND indisvalid AND amname = 'btree'
            AND (indpred IS NULL OR relname = $2)
    UNION ALL SELECT format('unique index on %s', attname)
        FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
            JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = to_regclass($1) AND indisvalid AND indisunique AND indnkeyatts = 1
            AND (indpred IS NULL OR relname = $2)";

/// The same for what other partial indexes have first, of those that leave out nothing but what has no value there. To
/// ask for that waits for a lock that somebody has on the table, so it is asked last of all, and of no index that
/// could not be one of the store's.
const LOOK_AT_PARTIAL: &str = "
    SELECT format('index on %s', attname)
        FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
            JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
        WHERE indrelid = to_regclass($1) AND indisvalid AND amname = 'btree'
            AND CASE WHEN attnum = indkey[0] AND attname IN ('user_id', 'expires_at')
                    AND indpred IS NOT NULL AND relname <> $2
                THEN pg_get_expr(indpred, indrelid) = format('(%I IS NOT NULL)', attname)
                ELSE false END";

impl PostgresStore {
    /// Whether all that the migrations make is there. Looked for first, since `CREATE INDEX IF NOT
    /// EXISTS` asks for a lock that writers would queue behind, if only while a vacuum has the table.
    pub(super) async fn is_migrated(&self) -> Result<bool, StoreError> {
        let wanted = wanted();
        schema::check(self.table(), &self.look(&wanted).await?, &wanted)
    }

    /// `Ok` if it is there at last.
    pub(super) async fn check_migrated(&self) -> Result<(), StoreError> {
        let wanted = wanted();
        schema::check_made(self.table(), &self.look(&wanted).await?, &wanted)
    }

    async fn look(&self, wanted: &Wanted) -> Result<Vec<String>, StoreError> {
        let mut facts = self.ask_for_facts(LOOK).await?;
        let lacks = wanted.beside_it.iter().any(|fact| !facts.contains(fact));
        if !facts.is_empty() && lacks {
            facts.extend(self.ask_for_facts(LOOK_AT_PARTIAL).await?);
        }
        Ok(facts)
    }

    async fn ask_for_facts(&self, look: &'static str) -> Result<Vec<String>, StoreError> {
        let table = format!("\"{}\"", self.table());
        let by_owner = format!("{}_by_owner", self.table());
        let run = || {
            let query = sqlx::query(look).persistent(false); // it is asked once
            self.fetch_all_at_start(query.bind(&table).bind(&by_owner))
        };
        let ran = self.run(Operation::Open, OnLoss::Again, run).await?;
        let rows = ran.whatever_was_lost();
        let facts = rows.iter().map(|row| row.try_get(0)).collect();
        Result::map_err(facts, CODES.fault(Operation::Open))
    }
}

fn wanted() -> Wanted {
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
            "index on expires_at".to_owned(),
            "index on user_id".to_owned(),
        ],
    }
}
