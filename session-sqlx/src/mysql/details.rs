use sqlx::{Error, error::DatabaseError as _, mysql::MySqlDatabaseError};

use crate::plain::Plain;

/// Errors in whose messages only tables, columns, constraints and users have names between quotes.
const OF_NAMES: [u16; 15] = [
    1044, 1045, 1048, 1049, 1054, 1142, 1143, 1146, 1264, 1364, 1406, 1451, 1452, 3819, 4025,
];
/// What a trigger of somebody's own says, which may be anything.
const SIGNAL: u16 = 1644;

/// The same error, but of the message no more than what shows nothing of a row: others quote the value that
/// they are about, such as an owner that is there already.
pub(crate) fn without_values(error: Error) -> Error {
    match error {
        Error::Database(full) => match full.try_downcast::<MySqlDatabaseError>() {
            Ok(full) => Error::Database(Box::new(Plain {
                code: full.code().map(str::to_owned),
                message: shown(full.number(), full.message()),
                kind: full.kind(),
            })),
            Err(full) => Error::Database(full),
        },
        other => other,
    }
}

/// The number, which is all that some clients look for, and what may be shown of the message.
fn shown(number: u16, message: &str) -> String {
    // A value may itself have quotes in it, and a long message ends in the middle of one.
    let of_rows = !OF_NAMES.contains(&number);
    let message = match message.find(['\'', '"', '`']) {
        _ if number == SIGNAL => "...".to_owned(),
        Some(quote) if of_rows => format!("{}...", &message[..quote]),
        _ => message.to_owned(),
    };
    format!("{number}: {message}")
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn values_are_cut_off_and_names_are_not() {
        for (number, message, expected) in [
            (
                1062,
                "Duplicate entry 'al'ice' for key 'one_each'",
                "1062: Duplicate entry ...",
            ),
            (
                1366,
                "Incorrect string value: '\\xF0' for column `a`.`b`.`c` at row 1",
                "1366: Incorrect string value: ...",
            ),
            (1644, "alice has too many", "1644: ..."),
            (
                1146,
                "Table 'app.sessions' doesn't exist",
                "1146: Table 'app.sessions' doesn't exist",
            ),
            (
                1205,
                "Lock wait timeout exceeded",
                "1205: Lock wait timeout exceeded",
            ),
        ] {
            assert_eq!(shown(number, message), expected);
        }
    }
}
