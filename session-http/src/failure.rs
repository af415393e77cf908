use std::{fmt, sync::Arc};

use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, RETRY_AFTER},
};
use session_core::{ConfigError, IdError, SessionError, StoreError};

/// A session's failure as a response: what a handler returns for a [`SessionError`], and what the
/// layer answers if the session cannot be loaded or stored.
///
/// | failure | status |
/// |---|---|
/// | the store fails, or too many requests change one session | 503, with `Retry-After: 1` |
/// | the session ended while the request ran | 409 |
/// | the session would grow too large | 413 |
/// | anything else, such as a value of another type | 500 |
///
/// The layer itself answers no 409: changes to a session that has ended meanwhile are dropped, and the
/// handler's response stands. A handler that must know calls `save` or `update`.
///
/// The response carries the failure itself in its extensions, so that a middleware outside the
/// session's can give it the application's own look.
#[derive(Clone)]
pub struct SessionFailure {
    error: Arc<SessionError>,
}

impl SessionFailure {
    /// What went wrong.
    pub fn error(&self) -> &SessionError {
        &self.error
    }

    /// The status that says so.
    pub fn status(&self) -> StatusCode {
        match &*self.error {
            SessionError::Store(_) | SessionError::Conflict => StatusCode::SERVICE_UNAVAILABLE,
            SessionError::Ended => StatusCode::CONFLICT,
            SessionError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// One sentence for the client, without anything that is the server's own business.
    pub fn message(&self) -> &'static str {
        match &*self.error {
            SessionError::Store(_) => "The session store is unavailable.",
            SessionError::Conflict => "The session is changed by too many requests at once.",
            SessionError::Ended => "The session has ended.",
            SessionError::TooLarge { .. } => "The session would grow too large.",
            _ => "The session could not be used.",
        }
    }

    /// A response of this status, with this body.
    pub fn response<B>(self, body: B) -> Response<B> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response.extensions_mut().insert(self);
        response
    }

    /// Writes it to the log, if it is the server's fault.
    #[cfg(feature = "tower")]
    pub(crate) fn log(&self) {
        if self.status().is_server_error() {
            let error: &dyn std::error::Error = &*self.error;
            tracing::error!(error, cause = error.source(), "session failed");
        }
    }
}

impl From<SessionError> for SessionFailure {
    fn from(error: SessionError) -> Self {
        Self {
            error: Arc::new(error),
        }
    }
}

impl From<StoreError> for SessionFailure {
    fn from(error: StoreError) -> Self {
        SessionError::from(error).into()
    }
}

impl From<ConfigError> for SessionFailure {
    fn from(error: ConfigError) -> Self {
        SessionError::from(error).into()
    }
}

impl From<IdError> for SessionFailure {
    fn from(error: IdError) -> Self {
        SessionError::from(error).into()
    }
}

impl fmt::Debug for SessionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionFailure").field(&self.error).finish()
    }
}

impl fmt::Display for SessionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for SessionFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

#[cfg(feature = "axum")]
impl axum_core::response::IntoResponse for SessionFailure {
    fn into_response(self) -> axum_core::response::Response {
        self.log();
        let message = self.message();
        let mut response = self.response(axum_core::body::Body::from(message));
        response.headers_mut().insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        response
    }
}
