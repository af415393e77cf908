use sqlx::{Error, error::DatabaseError as _, postgres::PgDatabaseError};

use crate::plain::Plain;

/// The same error, but of what PostgreSQL answered no more than the message and the code. With them come
/// details, which show the whole row that violates somebody's constraint.
pub(crate) fn without_details(error: Error) -> Error {
    match error {
        Error::Database(full) => match full.try_downcast::<PgDatabaseError>() {
            Ok(full) => Error::Database(Box::new(Plain {
                code: Some(full.code().to_owned()),
                message: full.message().to_owned(),
                kind: full.kind(),
            })),
            Err(full) => Error::Database(full),
        },
        other => other,
    }
}
