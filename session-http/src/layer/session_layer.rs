use std::{fmt, marker::PhantomData};

use session_core::ServerSideBackend;
use tower_layer::Layer;

use super::{ExcludeError, SessionService, exclude::Excluded};
use crate::{CookieConfig, Main, SessionManager};

/// Gives every request a session, and stores what its handler did to it.
///
/// A request whose handler does not ask for the session costs no store operation and no cookie. An
/// application with several sessions names a type for each: every layer has its own backend and
/// cookie, and extractors name the type. Let each backend have a store of its own, or a table or
/// namespace: in one and the same store, an ID of one session is an ID of the other.
///
/// ```
/// use session_http::{CookieConfig, SessionLayer};
/// # use session_core::ServerSideBackend;
/// # fn example(
/// #     shop: ServerSideBackend,
/// #     admin: ServerSideBackend,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let layer = SessionLayer::new(shop).exclude(["^/static/", "^/healthz$"])?;
///
/// enum Admin {}
/// let cookie = CookieConfig::builder().name("__Host-admin").build()?;
/// let admin = SessionLayer::<Admin>::of_type(admin, cookie);
/// # let _ = (layer, admin); Ok(())
/// # }
/// ```
///
/// If the session cannot be stored, the handler's response is replaced by a
/// [`SessionFailure`](crate::SessionFailure) with an empty body (`B::default()`).
pub struct SessionLayer<M = Main> {
    manager: SessionManager,
    excluded: Excluded,
    which: PhantomData<fn() -> M>,
}

impl SessionLayer {
    /// The application's only session, or its main one: of this backend, with the default cookie.
    pub fn new(backend: ServerSideBackend) -> Self {
        Self::of_type(backend, CookieConfig::default())
    }
}

impl<M: 'static> SessionLayer<M> {
    /// A session that is told from others by the type `M`, in a cookie of a name of its own.
    pub fn of_type(backend: ServerSideBackend, cookie: CookieConfig) -> Self {
        Self {
            manager: SessionManager::with_cookie(backend, cookie),
            excluded: Excluded::default(),
            which: PhantomData,
        }
    }

    /// Carries the token in this cookie. Default: [`CookieConfig::default`].
    #[must_use]
    pub fn cookie(self, cookie: CookieConfig) -> Self {
        Self {
            manager: SessionManager::with_cookie(self.manager.backend().clone(), cookie),
            ..self
        }
    }

    /// Gives no session to requests whose path matches one of these regular expressions, nor one of
    /// those given before. Default: none. See [`SkipSession`](crate::SkipSession) for single routes.
    ///
    /// The path is the one that this layer sees: on a router that is nested under `/api`, axum has
    /// taken `/api` off.
    ///
    /// # Errors
    /// [`ExcludeError`] if one is no regular expression.
    pub fn exclude<P: AsRef<str>>(
        self,
        patterns: impl IntoIterator<Item = P>,
    ) -> Result<Self, ExcludeError> {
        Ok(Self {
            excluded: self.excluded.and(patterns)?,
            ..self
        })
    }
}

impl<S, M: 'static> Layer<S> for SessionLayer<M> {
    type Service = SessionService<S, M>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService::new(inner, self.manager.clone(), self.excluded.clone())
    }
}

impl<M> Clone for SessionLayer<M> {
    fn clone(&self) -> Self {
        Self {
            manager: self.manager.clone(),
            excluded: self.excluded.clone(),
            which: PhantomData,
        }
    }
}

impl<M> fmt::Debug for SessionLayer<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer")
            .field("manager", &self.manager)
            .field("excluded", &self.excluded)
            .finish()
    }
}
