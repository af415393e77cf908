#[cfg(any(feature = "postgres", feature = "mysql"))]
use std::time::Duration;

#[cfg(any(feature = "postgres", feature = "mysql"))]
use session_core::{Operation, StoreError, StoreErrorKind};

/// One step in making or changing a store's table, for those who run migrations with a tool of
/// their own. Running it again changes nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Migration {
    /// Its number and what it does, such as `0001_create_table`; steps run in this order.
    pub name: &'static str,
    /// One or more SQL statements, with the table's name filled in.
    pub sql: String,
}

impl Migration {
    /// Fills the table's name into a shipped file, wherever it says `{table}`.
    pub(crate) fn new(name: &'static str, file: &str, table: &crate::table::TableName) -> Self {
        Self {
            name,
            sql: file.replace("{table}", table.as_str()),
        }
    }
}

/// Gives up what takes longer: there is no end to what a migration may wait for in the server.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) async fn within(
    limit: Duration,
    migration: impl Future<Output = Result<(), StoreError>>,
) -> Result<(), StoreError> {
    let migrated = tokio::time::timeout(limit, migration).await;
    migrated.unwrap_or_else(|elapsed| {
        let error = StoreError::new(StoreErrorKind::Timeout, Operation::Open);
        Err(error.with_source(elapsed))
    })
}
