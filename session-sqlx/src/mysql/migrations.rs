use crate::{migration::Migration, table::TableName};

/// All steps, in order.
pub(super) fn of(table: &TableName) -> Vec<Migration> {
    vec![Migration::new(
        "0001_create_table",
        include_str!("migrations/0001_create_table.sql"),
        table,
    )]
}
