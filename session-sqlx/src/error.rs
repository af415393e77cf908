use session_core::{Operation, StoreError, StoreErrorKind};
use sqlx::error::DatabaseError;

/// What the driver says of a connection that is to have TLS, if none is built in.
const WITHOUT_TLS: &str = "built without TLS";
/// What is to be done about that.
const TURN_TLS_ON: &str = "the connection is to be encrypted, but no TLS is built in: turn on session-sqlx's feature \
    tls-rustls, or one of sqlx's own";

/// Names the operation that failed and sorts the driver's error into a kind. What only the
/// database's own codes can tell is left to `kind_of_code`.
pub(crate) fn store_error(
    operation: Operation,
    error: sqlx::Error,
    kind_of_code: fn(&dyn DatabaseError) -> StoreErrorKind,
) -> StoreError {
    use sqlx::Error;
    let error = match error {
        Error::Tls(source) if source.to_string().contains(WITHOUT_TLS) => {
            Error::Configuration(TURN_TLS_ON.into())
        }
        error => error,
    };
    let kind = match &error {
        Error::Database(error) => kind_of_code(error.as_ref()),
        Error::PoolTimedOut => StoreErrorKind::Timeout,
        Error::PoolClosed | Error::WorkerCrashed | Error::Io(_) | Error::Tls(_) => {
            StoreErrorKind::Unavailable
        }
        Error::Decode(_)
        | Error::ColumnDecode { .. }
        | Error::ColumnNotFound(_)
        | Error::ColumnIndexOutOfBounds { .. }
        | Error::TypeNotFound { .. } => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Other,
    };
    #[cfg(feature = "postgres")]
    let error = crate::postgres::without_details(error);
    #[cfg(feature = "mysql")]
    let error = crate::mysql::without_values(error);
    StoreError::new(kind, operation).with_source(error)
}

/// A column that holds what this store cannot have written.
pub(crate) fn unreadable(index: usize, source: impl Into<sqlx::error::BoxDynError>) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: index.to_string(),
        source: source.into(),
    }
}
