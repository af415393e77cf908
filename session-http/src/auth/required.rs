use std::{
    convert::Infallible,
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use axum_core::{
    body::Body,
    extract::FromRequestParts as _,
    response::{IntoResponse, Response},
};
use http::{Method, Request};
use tower_layer::Layer;
use tower_service::Service;

use super::{CurrentUser, Users};
use crate::Main;

/// Lets users through to the routes that it is put around, and nobody else; others are answered as
/// [`AuthLayer`](crate::AuthLayer) was told to. Goes inside that layer. `OPTIONS` goes through: a browser asks so
/// before a request from another site, and sends no cookie (Fetch, CORS preflight).
///
/// ```
/// # use std::{borrow::Cow, convert::Infallible};
/// # use session_core::async_trait;
/// # #[derive(Clone)] struct Member;
/// # struct Members;
/// # #[async_trait] impl session_http::Users for Members {
/// #     type User = Member;
/// #     type Error = Infallible;
/// #     fn id(_: &Member) -> Cow<'_, str> { "1".into() }
/// #     async fn find(&self, _: &str) -> Result<Option<Member>, Infallible> { Ok(None) }
/// # }
/// use axum::{Router, routing::get};
/// use session_http::{Anonymous, AuthLayer, LoginRequired, SessionLayer};
///
/// # fn example(backend: session_core::ServerSideBackend) -> Router {
/// Router::new()
///     .route("/orders", get("your orders"))
///     .route_layer(LoginRequired::<Members>::new())
///     .route("/login", get("a form"))
///     .layer(AuthLayer::new(Members).anonymous(Anonymous::redirect("/login")))
///     .layer(SessionLayer::new(backend))
/// # }
/// ```
pub struct LoginRequired<U, M = Main>(PhantomData<fn() -> (U, M)>);

impl<U: Users, M> LoginRequired<U, M> {
    /// A layer that lets these users through.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S, U, M> Layer<S> for LoginRequired<U, M> {
    type Service = LoginRequiredService<S, U, M>;

    fn layer(&self, inner: S) -> Self::Service {
        LoginRequiredService {
            inner,
            which: PhantomData,
        }
    }
}

/// The service that [`LoginRequired`] puts around another.
pub struct LoginRequiredService<S, U, M = Main> {
    inner: S,
    which: PhantomData<fn() -> (U, M)>,
}

impl<S, U, M> Service<Request<Body>> for LoginRequiredService<S, U, M>
where
    S: Service<Request<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
    U: Users,
    M: 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The one that is ready.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        Box::pin(async move {
            let request = if request.method() == Method::OPTIONS {
                request
            } else {
                let (mut parts, body) = request.into_parts();
                if let Err(refusal) = CurrentUser::<U, M>::from_request_parts(&mut parts, &()).await
                {
                    return Ok(refusal.into_response());
                }
                Request::from_parts(parts, body)
            };
            inner.call(request).await.map(IntoResponse::into_response)
        })
    }
}

impl<U: Users, M> Default for LoginRequired<U, M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<U, M> Clone for LoginRequired<U, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<U, M> Copy for LoginRequired<U, M> {}

impl<S: Clone, U, M> Clone for LoginRequiredService<S, U, M> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            which: PhantomData,
        }
    }
}

impl<U, M> fmt::Debug for LoginRequired<U, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginRequired")
    }
}

impl<S, U, M> fmt::Debug for LoginRequiredService<S, U, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRequiredService")
            .finish_non_exhaustive()
    }
}
