use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use crate::{Operation, StoreError, StoreErrorKind};

/// The store's answer, or a `Timeout` error once `limit` has passed. The operation is dropped
/// then; it happened whole or not at all.
pub(crate) async fn within<T>(
    limit: Duration,
    operation: Operation,
    answer: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let mut answer = pin!(answer);
    // A store in memory answers at once: then no timer is made.
    let first = poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
    if let Poll::Ready(answer) = first {
        return answer;
    }
    match tokio::time::timeout(limit, answer).await {
        Ok(answer) => answer,
        Err(elapsed) => {
            Err(StoreError::new(StoreErrorKind::Timeout, operation).with_source(elapsed))
        }
    }
}
