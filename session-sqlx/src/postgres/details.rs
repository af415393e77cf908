use sqlx::{Error, error::DatabaseError as _, postgres::PgDatabaseError};

use crate::plain::Plain;

/// The same error, but of what PostgreSQL answered no more than what shows nothing of a row: no details, and
/// no message of which it is not known that there are only names in it.
pub(crate) fn without_details(error: Error) -> Error {
    match error {
        Error::Database(full) => match full.try_downcast::<PgDatabaseError>() {
            Ok(full) => Error::Database(Box::new(Plain {
                code: Some(full.code().to_owned()),
                message: shown(&full),
                kind: full.kind(),
            })),
            Err(full) => Error::Database(full),
        },
        other => other,
    }
}

fn shown(error: &PgDatabaseError) -> String {
    let code = error.code();
    // What does not say where it comes from may come from anywhere.
    let file = error.file().unwrap_or("pl");
    if has_only_names(code, error.r#where().is_some(), file) {
        return error.message().to_owned();
    }
    match error.constraint() {
        Some(constraint) if !is_raised(file) => {
            format!("{code}, by the constraint \"{constraint}\"")
        }
        _ => code.to_owned(),
    }
}

/// Whether a procedural language raises it, which may say anything, as the name of a constraint too. The
/// sources of all of them begin with pl.
fn is_raised(file: &str) -> bool {
    file.starts_with("pl")
}

/// Whether the message names tables, columns, constraints, users and settings at most. Others quote the value
/// that they are about. `is_inside` says that PostgreSQL tells what it was in the middle of, as a function of
/// somebody's own, and `file` in which of its sources the error was made.
fn has_only_names(code: &str, is_inside: bool, file: &str) -> bool {
    match code.get(..2) {
        // Connection, unsupported, constraints, transaction state, authorization, database, schema, names.
        Some("08" | "0A" | "23" | "25" | "28" | "3D" | "3F" | "42") => !is_inside,
        // Rollback, resources, limits, locks, intervention, system. Those of a wait tell for which row it was.
        Some("40" | "53" | "54" | "55" | "57" | "58") => !is_raised(file),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::has_only_names;

    #[test]
    fn only_the_servers_own_words_about_names_are_shown() {
        assert!(has_only_names("42P01", false, "parse_relation.c"));
        assert!(has_only_names("23505", false, "nbtinsert.c"));
        // With the row for which it waited.
        assert!(has_only_names("40P01", true, "deadlock.c"));
        assert!(has_only_names("55P03", true, "postgres.c"));
        // Invalid input, and what triggers raise, under whatever code.
        assert!(!has_only_names("22P02", false, "uuid.c"));
        assert!(!has_only_names("P0001", true, "pl_exec.c"));
        assert!(!has_only_names("23505", true, "pl_exec.c"));
        assert!(!has_only_names("55P03", true, "pl_exec.c"));
        // The text of a statement that a trigger has put together.
        assert!(!has_only_names("42601", true, "scan.l"));
        assert!(!has_only_names("XX000", false, "elog.c"));
        assert!(!has_only_names("", false, ""));
    }
}
