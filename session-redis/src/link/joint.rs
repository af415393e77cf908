use tokio::{runtime, sync::watch};

/// Work that many wait for: begun by the first of them, and done to its end even if none of them stays. Whoever
/// gives up early would otherwise leave the next one to begin anew, in what is left of its own time.
///
/// Only those of one runtime wait for each other: another one may have ended, or stand still.
pub(super) struct Joint<T>(Option<(runtime::Id, watch::Receiver<Option<T>>)>);

/// Someone's wait for it.
pub(super) struct Waiting<T>(watch::Receiver<Option<T>>);

impl<T: Clone + Send + Sync + 'static> Joint<T> {
    /// Joins the work that is going on, or begins it.
    pub(super) fn join<W>(&mut self, work: impl FnOnce() -> W) -> Waiting<T>
    where
        W: Future<Output = T> + Send + 'static,
    {
        let here = runtime::Handle::current();
        if let Some((runtime, going_on)) = &self.0
            && *runtime == here.id()
            && going_on.borrow().is_none()
        {
            return Waiting(going_on.clone());
        }
        let (done, waiting) = watch::channel(None);
        let work = work();
        here.spawn(async move {
            let outcome = work.await;
            // Nobody may be left to hear it.
            done.send_replace(Some(outcome));
        });
        self.0 = Some((here.id(), waiting.clone()));
        Waiting(waiting)
    }
}

impl<T> Default for Joint<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Clone> Waiting<T> {
    /// What came of it. `None` if the runtime ends.
    pub(super) async fn outcome(mut self) -> Option<T> {
        let outcome = self.0.wait_for(Option::is_some).await;
        outcome.ok()?.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use tokio::time::{Duration, timeout};

    use super::*;

    #[tokio::test]
    async fn it_is_done_once_and_to_its_end_whoever_stays() {
        let mut joint = Joint::default();
        let begun = Arc::new(AtomicUsize::new(0));
        let join = |joint: &mut Joint<usize>| {
            let begun = Arc::clone(&begun);
            joint.join(|| {
                let number = begun.fetch_add(1, Ordering::Relaxed) + 1;
                async move {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    number
                }
            })
        };
        let left = timeout(Duration::from_millis(20), join(&mut joint).outcome()).await;
        assert!(left.is_err());
        assert_eq!(join(&mut joint).outcome().await, Some(1));
        assert_eq!(join(&mut joint).outcome().await, Some(2));
    }

    #[test]
    fn nobody_waits_for_another_runtime() {
        let runtime = || {
            let mut builder = runtime::Builder::new_current_thread();
            builder.enable_time().build().unwrap()
        };
        let mut joint = Joint::default();
        // It stands still.
        let other = runtime();
        let waiting = other.block_on(async { joint.join(std::future::pending::<u8>) });
        runtime().block_on(async {
            assert_eq!(joint.join(|| async { 7 }).outcome().await, Some(7));
        });
        drop(other);
        runtime().block_on(async { assert_eq!(waiting.outcome().await, None) });
    }
}
