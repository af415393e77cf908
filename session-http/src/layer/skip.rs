use std::{
    fmt,
    marker::PhantomData,
    task::{Context, Poll},
};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::{Main, Slot};

/// Takes the session away from the routes that it is put around: the opt-out for single routes.
///
/// An extractor of that session answers there as if there were no session layer at all; an
/// optional one is `None`.
///
/// ```
/// use session_http::SkipSession;
///
/// let layer: SkipSession = SkipSession::new();
/// # let _ = layer;
/// ```
pub struct SkipSession<M = Main>(PhantomData<fn() -> M>);

impl<M> SkipSession<M> {
    /// A layer that takes the session of type `M` away.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S, M> Layer<S> for SkipSession<M> {
    type Service = SkipSessionService<S, M>;

    fn layer(&self, inner: S) -> Self::Service {
        SkipSessionService {
            inner,
            which: PhantomData,
        }
    }
}

/// The service that [`SkipSession`] puts around another.
pub struct SkipSessionService<S, M = Main> {
    inner: S,
    which: PhantomData<fn() -> M>,
}

impl<S, M, Q> Service<Request<Q>> for SkipSessionService<S, M>
where
    S: Service<Request<Q>>,
    M: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Q>) -> Self::Future {
        request.extensions_mut().remove::<Slot<M>>();
        self.inner.call(request)
    }
}

impl<M> Clone for SkipSession<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for SkipSession<M> {}

impl<M> Default for SkipSession<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M> fmt::Debug for SkipSession<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SkipSession")
    }
}

impl<S: Clone, M> Clone for SkipSessionService<S, M> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            which: PhantomData,
        }
    }
}

impl<S, M> fmt::Debug for SkipSessionService<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SkipSessionService")
    }
}
