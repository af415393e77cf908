use std::{borrow::Cow, error::Error as StdError, fmt};

use sqlx::{
    Error,
    error::{DatabaseError, ErrorKind},
    postgres::PgDatabaseError,
};

/// The same error, but of what PostgreSQL answered no more than the message and the code. With them come
/// details, which show the whole row that violates somebody's constraint.
pub(crate) fn without_details(error: Error) -> Error {
    match error {
        Error::Database(full) => match full.try_downcast::<PgDatabaseError>() {
            Ok(full) => Error::Database(Box::new(Plain {
                code: full.code().to_owned(),
                message: full.message().to_owned(),
            })),
            Err(full) => Error::Database(full),
        },
        other => other,
    }
}

#[derive(Debug)]
pub(super) struct Plain {
    pub(super) code: String,
    pub(super) message: String,
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Plain {}

impl DatabaseError for Plain {
    fn message(&self) -> &str {
        &self.message
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.code.as_str().into())
    }

    fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}
