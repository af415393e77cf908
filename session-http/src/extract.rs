use std::{fmt, marker::PhantomData, ops::Deref};

use axum_core::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};

use crate::{Main, SessionFailure, Slot};

/// The session of a request, as an argument of an axum handler.
///
/// All that a handler does with it is on [`session_core::Session`], which it dereferences to. All
/// extractors of one request share one session, loaded once. An application with several sessions
/// names the type of each: `Session<Admin>`. `Option<Session>` is `None` where there is no session
/// layer, or the route is excluded.
///
/// ```
/// use axum::{Router, routing::get};
/// use session_http::{Session, SessionFailure, SessionLayer};
///
/// async fn greet(session: Session) -> Result<String, SessionFailure> {
///     let name = session.get::<String>("name")?;
///     Ok(format!("Hello, {}", name.as_deref().unwrap_or("stranger")))
/// }
///
/// # fn example(backend: session_core::ServerSideBackend) -> Router {
/// Router::new().route("/", get(greet)).layer(SessionLayer::new(backend))
/// # }
/// ```
pub struct Session<M = Main> {
    session: session_core::Session,
    which: PhantomData<fn() -> M>,
}

impl<M> Session<M> {
    /// The session itself, for code that does not care about its type.
    pub fn into_inner(self) -> session_core::Session {
        self.session
    }
}

impl<M> Deref for Session<M> {
    type Target = session_core::Session;

    fn deref(&self) -> &session_core::Session {
        &self.session
    }
}

impl<M> Clone for Session<M> {
    fn clone(&self) -> Self {
        Self {
            session: self.session.clone(),
            which: PhantomData,
        }
    }
}

impl<M> fmt::Debug for Session<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.fmt(f)
    }
}

impl<M: 'static, S: Send + Sync> FromRequestParts<S> for Session<M> {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, SessionRejection> {
        match Slot::<M>::of(&parts.extensions) {
            Some(slot) => load(&slot, parts).await,
            None => {
                let session = std::any::type_name::<M>();
                let (method, path) = (&parts.method, parts.uri.path());
                tracing::error!(%method, path, session, "a handler asks for a session without its layer");
                Err(SessionRejection::MissingLayer { session })
            }
        }
    }
}

impl<M: 'static, S: Send + Sync> OptionalFromRequestParts<S> for Session<M> {
    type Rejection = SessionRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, SessionRejection> {
        match Slot::<M>::of(&parts.extensions) {
            Some(slot) => load(&slot, parts).await.map(Some),
            None => Ok(None),
        }
    }
}

async fn load<M: 'static>(slot: &Slot<M>, parts: &Parts) -> Result<Session<M>, SessionRejection> {
    let session = slot.load(&parts.headers).await;
    Ok(Session {
        session: session.map_err(SessionFailure::from)?,
        which: PhantomData,
    })
}

/// Why a handler did not get its session.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionRejection {
    /// No [`SessionLayer`](crate::SessionLayer) of this type is around the route, or the route is
    /// excluded. Answered with 500: it is a fault of the application.
    #[error("no layer of the session {session} is around this route, or the route is excluded")]
    MissingLayer {
        /// The type of the session that was asked for.
        session: &'static str,
    },
    /// It could not be loaded. Answered as [`SessionFailure`] says.
    #[error(transparent)]
    Failed(#[from] SessionFailure),
}

impl IntoResponse for SessionRejection {
    fn into_response(self) -> Response {
        match self {
            Self::MissingLayer { .. } => {
                let message = "The server is not set up for sessions here.";
                (StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
            }
            Self::Failed(failure) => failure.into_response(),
        }
    }
}
