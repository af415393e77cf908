use session_core::StoreErrorKind;
use sqlx::error::DatabaseError;

use crate::again::Trouble;

/// What PostgreSQL's own code (SQLSTATE,
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>) means.
pub(super) fn kind(error: &dyn DatabaseError) -> StoreErrorKind {
    let code = error.code().unwrap_or_default();
    match code.as_ref() {
        // Cancelled, by `statement_timeout` as a rule.
        "57014" => StoreErrorKind::Timeout,
        // More than the server's limits, or than one value can be.
        "54000" | "22001" => StoreErrorKind::TooLarge,
        // Corrupted data, corrupted index.
        "XX001" | "XX002" => StoreErrorKind::Corrupt,
        // A lock not to be had, a transaction rolled back, a server that only reads.
        "55P03" | "25006" => StoreErrorKind::Unavailable,
        code => match code.get(..2) {
            // Connection, authorization, rollback, resources, intervention, system.
            Some("08" | "28" | "40" | "53" | "57" | "58") => StoreErrorKind::Unavailable,
            _ => StoreErrorKind::Other,
        },
    }
}

/// What may be done about it.
pub(super) fn trouble(error: &dyn DatabaseError) -> Option<Trouble> {
    match error.code().unwrap_or_default().as_ref() {
        // Serialization failure, deadlock: rolled back.
        "40001" | "40P01" => Some(Trouble::Contention),
        // Ended by an administrator, in a crash, or not served yet: the connection is gone.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => Some(Trouble::ConnectionLost),
        // PgBouncer's words for the same, when it has lost the server.
        "08003" | "08006" | "08P01" => Some(Trouble::ConnectionLost),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use sqlx::error::ErrorKind;

    use super::*;
    use crate::plain::Plain;

    fn coded(code: &str) -> Plain {
        Plain {
            code: Some(code.to_owned()),
            message: String::new(),
            kind: ErrorKind::Other,
        }
    }

    #[test]
    fn a_connection_is_lost_if_a_pooler_says_so() {
        for code in ["08003", "08006", "08P01", "57P01"] {
            let error = coded(code);
            assert_eq!(trouble(&error), Some(Trouble::ConnectionLost), "{code}");
            assert_eq!(kind(&error), StoreErrorKind::Unavailable, "{code}");
        }
        // It was refused before it was made.
        assert_eq!(trouble(&coded("08004")), None);
        assert_eq!(trouble(&coded("40001")), Some(Trouble::Contention));
    }
}
