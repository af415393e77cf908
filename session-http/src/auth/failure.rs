use std::{error::Error, sync::Arc};

use axum_core::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header::CACHE_CONTROL};

use super::Anonymous;
use crate::{SessionFailure, SessionRejection};

/// Why a handler did not learn who is signed in, or its request needs a user and has none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthRejection {
    /// Nobody is signed in. Answered as [`AuthLayer`](crate::AuthLayer) was told to.
    #[error("nobody is signed in")]
    Anonymous {
        /// How it is answered.
        answer: Anonymous,
        /// Where the request went, for the sign-in page to come back to; `None` if it was not a `GET`.
        to: Option<String>,
    },
    /// No [`AuthLayer`](crate::AuthLayer) of these users is around the route. Answered with 500: it is a fault
    /// of the application.
    #[error("no layer of the users {users} is around this route")]
    MissingLayer {
        /// The type of the users that were asked for.
        users: &'static str,
    },
    /// The session could not be had. Answered as [`SessionRejection`] says.
    #[error(transparent)]
    Session(#[from] SessionRejection),
    /// The user could not be looked up. Answered with 503.
    #[error("the user could not be looked up")]
    Users(#[source] Arc<dyn Error + Send + Sync>),
}

impl From<SessionFailure> for AuthRejection {
    fn from(failure: SessionFailure) -> Self {
        Self::Session(failure.into())
    }
}

impl IntoResponse for AuthRejection {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Anonymous { answer, to } => return answer.response(to.as_deref()),
            Self::Session(rejection) => return rejection.into_response(),
            Self::MissingLayer { .. } => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "The server is not set up for users here.",
            ),
            Self::Users(error) => {
                let cause: &dyn Error = &*error;
                tracing::error!(cause, "a user could not be looked up");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The user could not be looked up.",
                )
            }
        };
        let no_store = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        (status, no_store, message).into_response()
    }
}
