use sqlx::{Error, error::DatabaseError as _, mysql::MySqlDatabaseError};

use crate::plain::Plain;

/// Errors in whose messages only tables, columns, constraints, users, hosts, settings and numbers are shown.
const OF_NAMES: [u16; 72] = [
    1005, 1015, 1020, 1021, 1026, 1028, 1030, 1034, 1035, 1037, 1040, 1041, 1044, 1045, 1046, 1047,
    1048, 1049, 1050, 1053, 1054, 1061, 1100, 1114, 1118, 1129, 1130, 1142, 1143, 1146, 1153, 1184,
    1193, 1194, 1195, 1203, 1205, 1206, 1213, 1226, 1227, 1238, 1251, 1264, 1265, 1290, 1298, 1301,
    1317, 1364, 1406, 1451, 1452, 1461, 1665, 1698, 1712, 1792, 1820, 1836, 1862, 1927, 1969, 3024,
    3100, 3101, 3118, 3159, 3819, 4025, 4031, 4151,
];
/// Errors whose messages quote a value, and before that only say what is the matter.
const OF_VALUES: [u16; 6] = [1062, 1064, 1292, 1366, 1524, 1586];
/// The state of what somebody's own trigger says with `SIGNAL`, as a rule.
const SIGNAL: &str = "45000";

/// The same error, but of the message no more than what shows nothing of a row.
pub(crate) fn without_values(error: Error) -> Error {
    match error {
        Error::Database(full) => match full.try_downcast::<MySqlDatabaseError>() {
            Ok(full) => Error::Database(Box::new(Plain {
                code: full.code().map(str::to_owned),
                message: shown(full.number(), full.code(), full.message()),
                kind: full.kind(),
            })),
            Err(full) => Error::Database(full),
        },
        other => other,
    }
}

/// The number, which is all that some clients look for, and what may be shown of the message. Of a number that
/// is not known, or one that a trigger may have given itself, that is nothing.
fn shown(number: u16, state: Option<&str>, message: &str) -> String {
    if state == Some(SIGNAL) {
        return number.to_string();
    }
    if OF_NAMES.contains(&number) {
        return format!("{number}: {message}");
    }
    // A value may itself have quotes in it, and a long message ends in the middle of one.
    match message.find(['\'', '"', '`']) {
        Some(quote) if OF_VALUES.contains(&number) => {
            format!("{number}: {}...", &message[..quote])
        }
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn values_are_cut_off_and_names_are_not() {
        for (number, state, message, expected) in [
            (
                1062,
                "23000",
                "Duplicate entry 'al'ice' for key 'one_each'",
                "1062: Duplicate entry ...",
            ),
            (
                1366,
                "22007",
                "Incorrect string value: '\\xF0' for column `a`.`b`.`c` at row 1",
                "1366: Incorrect string value: ...",
            ),
            (
                1146,
                "42S02",
                "Table 'app.sessions' doesn't exist",
                "1146: Table 'app.sessions' doesn't exist",
            ),
            (
                1205,
                "HY000",
                "Lock wait timeout exceeded",
                "1205: Lock wait timeout exceeded",
            ),
            // What triggers say, and what is not known.
            (1644, "45000", "alice has too many", "1644"),
            (1643, "02001", "alice has too many", "1643"),
            (31000, "45000", "alice has too many", "31000"),
            (31000, "HY000", "alice has 'too many'", "31000"),
            (1205, "45000", "alice has too many", "1205"),
            (1062, "23000", "alice is there", "1062"),
        ] {
            assert_eq!(shown(number, Some(state), message), expected);
        }
    }
}
