use std::fmt;

/// A table's name that is safe to put into SQL text: `[A-Za-z_][A-Za-z0-9_]{0,49}`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TableName(String);

impl TableName {
    /// PostgreSQL keeps 63 bytes of a name, and an index is named after its table.
    const MAX_LEN: usize = 50;
    /// Names that SQLite keeps for itself, in any case.
    const RESERVED: &str = "sqlite_";

    pub(crate) fn new(name: &str) -> Result<Self, TableNameError> {
        let mut bytes = name.bytes();
        let starts = bytes
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
        let goes_on = bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let reserved = name
            .get(..Self::RESERVED.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(Self::RESERVED));
        if !starts || !goes_on || reserved || name.len() > Self::MAX_LEN {
            return Err(TableNameError(()));
        }
        Ok(Self(name.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TableName {
    fn default() -> Self {
        Self("sessions".to_owned())
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name cannot be a table's: it has to be a letter or an underscore, then letters, digits and
/// underscores (all ASCII), at most 50 in all, and must not begin with `sqlite_`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "a table name is a letter or an underscore, then letters, digits and underscores, at most 50 \
     in all, and does not begin with sqlite_"
)]
pub struct TableNameError(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_identifiers_are_allowed() {
        let longest = "a".repeat(50);
        for name in [
            "sessions",
            "_",
            "S2",
            "order",
            "sqlite",
            "my_sqlite_",
            &longest,
        ] {
            assert_eq!(TableName::new(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn anything_that_could_end_the_quotes_or_the_statement_is_refused() {
        let too_long = "a".repeat(51);
        for name in [
            "",
            "1a",
            "a b",
            "a\"b",
            "a;b",
            "a.b",
            "a-b",
            "a'",
            "a\0",
            "é",
            "aé",
            "sqlite_a",
            "SQLite_a",
            "sessions\"; DROP TABLE users; --",
            &too_long,
        ] {
            assert_eq!(TableName::new(name), Err(TableNameError(())), "{name}");
        }
    }
}
