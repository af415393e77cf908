use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use pin_project_lite::pin_project;

use crate::{Operation, StoreError, StoreErrorKind};

/// The store's answer, or a `Timeout` error once `limit` has passed. The operation is dropped
/// then; it happened whole or not at all.
pub(crate) const fn within<F>(limit: Duration, operation: Operation, answer: F) -> Within<F> {
    Within::First {
        answer: Some(answer),
        limit,
        operation,
    }
}

pin_project! {
    /// Written by hand, since the compiler would keep each part twice, and one of these is in the
    /// future of every request.
    #[project = Step]
    pub(crate) enum Within<F> {
        First {
            answer: Option<F>,
            limit: Duration,
            operation: Operation,
        },
        Timed {
            #[pin]
            answer: tokio::time::Timeout<F>,
            operation: Operation,
        },
    }
}

impl<T, F> Future for Within<F>
where
    F: Future<Output = Result<T, StoreError>> + Unpin,
{
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match self.as_mut().project() {
                // A store in memory answers at once: then no timer is made.
                Step::First {
                    answer,
                    limit,
                    operation,
                } => {
                    // Without one it has been ready before, and should not be polled any more.
                    let Some(mut first) = answer.take() else {
                        return Poll::Pending;
                    };
                    if let Poll::Ready(answer) = Pin::new(&mut first).poll(context) {
                        return Poll::Ready(answer);
                    }
                    let timed = Self::Timed {
                        answer: tokio::time::timeout(*limit, first),
                        operation: *operation,
                    };
                    self.set(timed);
                }
                Step::Timed { answer, operation } => {
                    return answer.poll(context).map(|answer| match answer {
                        Ok(answer) => answer,
                        Err(elapsed) => {
                            let timeout = StoreError::new(StoreErrorKind::Timeout, *operation);
                            Err(timeout.with_source(elapsed))
                        }
                    });
                }
            }
        }
    }
}
