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
