//! Work that goes on to its end when nobody waits for it any more.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::Semaphore,
    time::{sleep, timeout},
};

/// How long an answer is awaited that nobody waits for any more. While the server is at it, no other connection takes
/// this one's place, so it is longer than nearly every lock: of one that lasts longer, the server has a pool's worth of
/// connections more after each of these times. But it ends, since a server that has vanished will never answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// The same for what belongs to a store's start, where a lock on a table may be waited for without an end. Nothing
/// is lost if it is not done, or is done later.
pub(crate) const AT_THE_START: Duration = Duration::from_secs(2);
/// How long a connection counts that was closed while the server was at its statement: nobody sees that end. Longer
/// than InnoDB lets one wait for a row that is locked, 50 s unless it is told otherwise.
const CLOSED: Duration = Duration::from_secs(60);

/// Work that is given up is not dropped half-way, but goes on in a task of its own, for so long.
pub(crate) fn to_its_end<T: Send + 'static>(
    patience: Duration,
    work: impl Future<Output = T> + Send + 'static,
) -> ToItsEnd<T> {
    ToItsEnd {
        work: Some(Box::pin(work)),
        patience,
        runtime: Handle::try_current().ok(),
        droppable: None,
    }
}

/// See [`to_its_end`].
#[must_use = "a future does nothing until it is awaited"]
pub(crate) struct ToItsEnd<T: Send + 'static> {
    /// None once it has ended.
    work: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    patience: Duration,
    /// Where it goes on. Who drops it may be elsewhere.
    runtime: Option<Handle>,
    /// How many more may be dropped half-way after all, if this may.
    droppable: Option<Arc<Semaphore>>,
}

impl<T: Send + 'static> ToItsEnd<T> {
    /// If it is given up it is dropped half-way, unless as many as this allows have been of late.
    #[cfg(feature = "mysql")]
    pub(crate) fn or_dropped(mut self, droppable: &Arc<Semaphore>) -> Self {
        self.droppable = Some(Arc::clone(droppable));
        self
    }
}

impl<T: Send + 'static> Future for ToItsEnd<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // What panics is not gone on with.
        let Some(mut work) = self.work.take() else {
            return Poll::Pending;
        };
        let answer = work.as_mut().poll(context);
        if answer.is_pending() {
            self.work = Some(work);
        }
        answer
    }
}

impl<T: Send + 'static> Drop for ToItsEnd<T> {
    fn drop(&mut self) {
        if let (Some(work), Some(runtime)) = (self.work.take(), &self.runtime) {
            let _inside = runtime.enter(); // what it drops may want one
            let droppable = self.droppable.take();
            if let Some(permit) = droppable.and_then(|all| all.try_acquire_owned().ok()) {
                drop(work);
                runtime.spawn(async move {
                    sleep(CLOSED).await;
                    drop(permit);
                });
                return;
            }
            // Nothing goes on in a runtime that ends.
            runtime.spawn(timeout(self.patience, work));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A_MOMENT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn what_is_given_up_goes_on_to_its_end() {
        let (begun, ended) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (begins, ends) = (Arc::clone(&begun), Arc::clone(&ended));
        let work = to_its_end(PATIENCE, async move {
            begins.acquire().await.unwrap().forget();
            ends.add_permits(1);
        });
        timeout(A_MOMENT, work).await.unwrap_err();
        begun.add_permits(1);
        ended.acquire().await.unwrap().forget();
    }

    #[tokio::test]
    async fn what_never_ends_is_dropped_in_the_end() {
        let held = Arc::new(());
        let holds = Arc::clone(&held);
        let work = to_its_end(A_MOMENT, async move {
            std::future::pending::<()>().await;
            drop(holds);
        });
        timeout(A_MOMENT, work).await.unwrap_err();
        assert_eq!(Arc::strong_count(&held), 2);
        while Arc::strong_count(&held) > 1 {
            sleep(A_MOMENT).await;
        }
    }

    #[test]
    fn it_goes_on_though_it_is_dropped_elsewhere() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let ended = Arc::new(Semaphore::new(0));
        let ends = Arc::clone(&ended);
        let inside = runtime.enter();
        let work = to_its_end(PATIENCE, async move { ends.add_permits(1) });
        drop(inside);
        drop(work);
        let ended = runtime.block_on(async { timeout(PATIENCE, ended.acquire()).await.is_ok() });
        assert!(ended);
    }

    #[cfg(feature = "mysql")]
    #[tokio::test(start_paused = true)]
    async fn so_many_are_dropped_of_late() {
        let droppable = Arc::new(Semaphore::new(1));
        let held = Arc::new(());
        let give_up = async || {
            let holds = Arc::clone(&held);
            let work = async move {
                std::future::pending::<()>().await;
                drop(holds);
            };
            let work = to_its_end(PATIENCE, work).or_dropped(&droppable);
            timeout(A_MOMENT, work).await.unwrap_err();
        };
        give_up().await;
        assert_eq!(Arc::strong_count(&held), 1);
        give_up().await;
        assert_eq!(Arc::strong_count(&held), 2, "goes on");
        sleep(CLOSED).await;
        give_up().await;
        assert_eq!(Arc::strong_count(&held), 2);
    }

    #[tokio::test]
    async fn what_has_ended_ends_once() {
        assert_eq!(to_its_end(PATIENCE, async { 7 }).await, 7);
    }
}
