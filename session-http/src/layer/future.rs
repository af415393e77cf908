use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{HeaderMap, Response};
use pin_project_lite::pin_project;

use crate::{Main, SessionFailure, Slot, caching};

pin_project! {
    /// The future of [`SessionService`](crate::SessionService): the handler's, and then, only if
    /// the store has to be asked, the commit's.
    pub struct SessionFuture<F, M = Main, B = ()> {
        #[pin]
        handler: F,
        slot: Option<Slot<M>>,
        commit: Option<Commit<B>>,
    }
}

/// A commit under way, with the handler's response. Boxed only once the store has to be asked.
struct Commit<B> {
    response: Option<Response<B>>,
    stored: Pin<Box<dyn Future<Output = Stored> + Send>>,
}

/// What the headers of the handler's response are now, or the response to send instead of it.
type Stored = Result<HeaderMap, Response<()>>;

impl<F, M, B> SessionFuture<F, M, B> {
    pub(super) fn new(handler: F, slot: Option<Slot<M>>) -> Self {
        Self {
            handler,
            slot,
            commit: None,
        }
    }
}

impl<F, M, B, E> Future for SessionFuture<F, M, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    M: 'static,
    B: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let commit = match this.commit {
            Some(commit) => commit,
            None => {
                let mut response = ready!(this.handler.poll(context))?;
                // Taken, so that a request that is done holds no session any more.
                let Some(slot) = this.slot.take() else {
                    return Poll::Ready(Ok(response));
                };
                let Some(session) = slot.loaded() else {
                    // What was answered for want of the session depends on it, too.
                    if slot.was_asked() {
                        caching::vary_by_cookie(response.headers_mut());
                    }
                    return Poll::Ready(Ok(response));
                };
                let (manager, status) = (slot.manager(), response.status());
                if manager.commit_now(session, status, response.headers_mut()) {
                    return Poll::Ready(Ok(response));
                }
                this.commit.insert(Commit::new(slot, response))
            }
        };
        commit.poll(context).map(Ok)
    }
}

impl<B: Default> Commit<B> {
    fn new<M: 'static>(slot: Slot<M>, mut response: Response<B>) -> Self {
        let status = response.status();
        let mut headers = std::mem::take(response.headers_mut());
        Self {
            response: Some(response),
            stored: Box::pin(async move {
                let (manager, Some(session)) = (slot.manager(), slot.loaded()) else {
                    return Ok(headers);
                };
                match manager.commit(session, status, &mut headers).await {
                    Ok(()) => Ok(headers),
                    Err(error) => {
                        // The handler's response may claim what did not happen.
                        let failure = SessionFailure::from(error);
                        failure.log();
                        let mut response = failure.response(());
                        manager.abandon(session, response.headers_mut());
                        Err(response)
                    }
                }
            }),
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Response<B>> {
        Poll::Ready(match ready!(self.stored.as_mut().poll(context)) {
            Ok(headers) => {
                let mut response = self.response.take().unwrap_or_default();
                *response.headers_mut() = headers;
                response
            }
            Err(failure) => failure.map(|()| B::default()),
        })
    }
}

impl<F, M, B> fmt::Debug for SessionFuture<F, M, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFuture")
            .field("committing", &self.commit.is_some())
            .finish_non_exhaustive()
    }
}
