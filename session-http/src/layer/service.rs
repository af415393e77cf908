use std::{
    fmt,
    marker::PhantomData,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_service::Service;

use super::{SessionFuture, exclude::Excluded};
use crate::{Main, SessionManager, Slot};

/// The service that [`SessionLayer`](crate::SessionLayer) puts around another.
pub struct SessionService<S, M = Main> {
    inner: S,
    manager: SessionManager,
    excluded: Excluded,
    which: PhantomData<fn() -> M>,
}

impl<S, M> SessionService<S, M> {
    pub(super) fn new(inner: S, manager: SessionManager, excluded: Excluded) -> Self {
        Self {
            inner,
            manager,
            excluded,
            which: PhantomData,
        }
    }
}

impl<S, M, Q, B> Service<Request<Q>> for SessionService<S, M>
where
    S: Service<Request<Q>, Response = Response<B>>,
    M: 'static,
    B: Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = SessionFuture<S::Future, M, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Q>) -> Self::Future {
        if self.excluded.covers(request.uri().path()) {
            return SessionFuture::new(self.inner.call(request), None);
        }
        let slot = Slot::<M>::new(self.manager.clone());
        request.extensions_mut().insert(slot.clone());
        SessionFuture::new(self.inner.call(request), Some(slot))
    }
}

impl<S: Clone, M> Clone for SessionService<S, M> {
    fn clone(&self) -> Self {
        Self::new(
            self.inner.clone(),
            self.manager.clone(),
            self.excluded.clone(),
        )
    }
}

impl<S, M> fmt::Debug for SessionService<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService")
            .field("manager", &self.manager)
            .field("excluded", &self.excluded)
            .finish_non_exhaustive()
    }
}
