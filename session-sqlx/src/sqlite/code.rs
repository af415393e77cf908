use session_core::{Operation, StoreError, StoreErrorKind};
use sqlx::error::DatabaseError;

use crate::error::store_error;

/// For `map_err`: the one way by which a fault of SQLite becomes a [`StoreError`].
pub(super) fn fault(operation: Operation) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| store_error(operation, error, kind)
}

/// Whether the file is locked by another connection for the moment.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| primary(error) == Some(BUSY))
}

// Primary result codes, <https://www.sqlite.org/rescode.html>.
const PERM: i32 = 3;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const NOMEM: i32 = 7;
const READONLY: i32 = 8;
const INTERRUPT: i32 = 9;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const PROTOCOL: i32 = 15;
const TOOBIG: i32 = 18;
const AUTH: i32 = 23;
const NOTADB: i32 = 26;

fn kind(error: &dyn DatabaseError) -> StoreErrorKind {
    match primary(error) {
        // SQLite waited for the lock as long as it was told and then wrote nothing: not a timeout,
        // after which the write may still have happened.
        Some(BUSY | LOCKED | PROTOCOL) => StoreErrorKind::Unavailable,
        Some(PERM | NOMEM | READONLY | INTERRUPT | IOERR | FULL | CANTOPEN | AUTH) => {
            StoreErrorKind::Unavailable
        }
        Some(CORRUPT | NOTADB) => StoreErrorKind::Corrupt,
        Some(TOOBIG) => StoreErrorKind::TooLarge,
        _ => StoreErrorKind::Other,
    }
}

/// The code that the driver gives is the extended one; its low byte is the primary one.
fn primary(error: &dyn DatabaseError) -> Option<i32> {
    let extended: i32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}

#[cfg(test)]
mod tests {
    use std::{borrow::Cow, error::Error, fmt};

    use sqlx::error::ErrorKind;

    use super::*;

    #[derive(Debug)]
    struct Coded(i32);

    impl fmt::Display for Coded {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "code {}", self.0)
        }
    }

    impl Error for Coded {}

    impl DatabaseError for Coded {
        fn message(&self) -> &'static str {
            "irrelevant"
        }
        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.to_string().into())
        }
        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }
        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }
        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }
        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    fn of(code: i32) -> StoreErrorKind {
        let error = sqlx::Error::Database(Box::new(Coded(code)));
        let error = fault(Operation::Set)(error);
        assert_eq!(error.operation(), Operation::Set);
        assert!(error.source().is_some());
        error.kind()
    }

    #[test]
    fn primary_and_extended_codes_have_the_same_kind() {
        let sqlite_busy_snapshot = 517;
        let sqlite_ioerr_fsync = 1034;
        let sqlite_cantopen_isdir = 526;
        for code in [
            5,
            6,
            8,
            10,
            13,
            14,
            sqlite_busy_snapshot,
            sqlite_ioerr_fsync,
            sqlite_cantopen_isdir,
        ] {
            assert_eq!(of(code), StoreErrorKind::Unavailable, "{code}");
        }
        let sqlite_corrupt_index = 779;
        for code in [11, 26, sqlite_corrupt_index] {
            assert_eq!(of(code), StoreErrorKind::Corrupt, "{code}");
        }
        assert_eq!(of(18), StoreErrorKind::TooLarge);
        assert_eq!(of(1), StoreErrorKind::Other);
    }

    #[test]
    fn the_drivers_own_faults_have_kinds_too() {
        let of = |error| fault(Operation::Get)(error).kind();
        assert_eq!(of(sqlx::Error::PoolTimedOut), StoreErrorKind::Timeout);
        assert_eq!(of(sqlx::Error::PoolClosed), StoreErrorKind::Unavailable);
        assert_eq!(of(sqlx::Error::WorkerCrashed), StoreErrorKind::Unavailable);
        assert_eq!(of(sqlx::Error::Decode("".into())), StoreErrorKind::Corrupt);
        assert_eq!(of(sqlx::Error::RowNotFound), StoreErrorKind::Other);
    }

    #[test]
    fn only_busy_is_worth_another_attempt() {
        let error = |code| sqlx::Error::Database(Box::new(Coded(code)));
        assert!(is_busy(&error(5)));
        assert!(is_busy(&error(261))); // SQLITE_BUSY_RECOVERY
        assert!(!is_busy(&error(14)));
        assert!(!is_busy(&sqlx::Error::PoolTimedOut));
    }
}
