use tokio::sync::watch;

/// Work that many wait for: begun by the first of them, and done to its end even if none of them stays. Whoever
/// gives up early would otherwise leave the next one to begin anew, in what is left of its own time.
pub(super) struct Joint<T>(Option<watch::Receiver<Option<T>>>);

/// Someone's wait for it.
pub(super) struct Waiting<T>(watch::Receiver<Option<T>>);

impl<T: Clone + Send + Sync + 'static> Joint<T> {
    /// Joins the work that is going on, or begins it.
    pub(super) fn join<W>(&mut self, work: impl FnOnce() -> W) -> Waiting<T>
    where
        W: Future<Output = T> + Send + 'static,
    {
        if let Some(going_on) = &self.0
            && going_on.borrow().is_none()
            // Its runtime may be gone, and the work with it.
            && going_on.has_changed().is_ok()
        {
            return Waiting(going_on.clone());
        }
        let (done, waiting) = watch::channel(None);
        let work = work();
        tokio::spawn(async move {
            let outcome = work.await;
            // Nobody may be left to hear it.
            done.send_replace(Some(outcome));
        });
        self.0 = Some(waiting.clone());
        Waiting(waiting)
    }
}

impl<T> Default for Joint<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Clone> Waiting<T> {
    /// What came of it. `None` if the runtime in which it was done is gone.
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
    fn what_ended_with_its_runtime_is_begun_anew() {
        let runtime = || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_time().build().unwrap()
        };
        let mut joint = Joint::default();
        let gone = runtime();
        let waiting = gone.block_on(async { joint.join(std::future::pending::<u8>) });
        drop(gone);
        runtime().block_on(async {
            assert_eq!(waiting.outcome().await, None);
            assert_eq!(joint.join(|| async { 7 }).outcome().await, Some(7));
        });
    }
}
