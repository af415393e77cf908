use std::{fmt, future::Future, time::Duration};

use rand::RngExt as _;

use crate::{Maintain, Operation, Ttl, timeout::within};

/// Removes expired records from a store, in bounded batches, until it is told to stop.
///
/// Expired records are absent anyway; this gives their room back. Run one for each process or for
/// one of them: several do no harm, since each takes only what is there. Between two rounds it
/// waits for the interval, up to a quarter longer or shorter at random, so that many processes do
/// not sweep in step. A failing store is logged and tried again in the next round.
///
/// ```
/// use session_core::{Maintain, Sweeper};
/// use std::{sync::Arc, time::Duration};
///
/// # async fn example(store: Arc<dyn Maintain>) {
/// let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
/// let sweeper = Sweeper::new(store).interval(Duration::from_secs(30));
/// let task = tokio::spawn(sweeper.run(async { drop(stopped.await) }));
/// // ... serve ...
/// drop(stop);
/// let purged = task.await;
/// # let _ = purged;
/// # }
/// ```
#[must_use]
pub struct Sweeper<M> {
    store: M,
    interval: Duration,
    batch: u32,
    pause: Duration,
    timeout: Duration,
}

impl<M: Maintain> Sweeper<M> {
    /// Sweeps this store about every 30 s, in batches of 1000.
    pub fn new(store: M) -> Self {
        Self {
            store,
            interval: Duration::from_secs(30),
            batch: 1000,
            pause: Duration::from_millis(10),
            timeout: Duration::from_secs(10),
        }
    }

    /// The time between two rounds, 1 ms to 400 days. Default: 30 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = Ttl::clamped(interval).into();
        self
    }

    /// The most records that one call removes, at least one. Default: 1000.
    pub fn batch(mut self, records: u32) -> Self {
        self.batch = records.max(1);
        self
    }

    /// The pause between two batches of one round, which lets requests through. Default: 10 ms.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// How long the store may take for one batch. Default: 10 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sweeps until `stop` is ready; how many records it removed. A batch under way is finished, or
    /// given up after its timeout.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) -> u64 {
        let mut stop = std::pin::pin!(stop);
        let mut purged = 0;
        let mut wait = self.interval.mul_f64(rand::rng().random_range(0.0..0.5));
        while tokio::time::timeout(wait, stop.as_mut()).await.is_err() {
            let purge = self.store.purge_expired(self.batch);
            wait = match within(self.timeout, Operation::PurgeExpired, purge).await {
                Ok(removed) => {
                    purged += removed;
                    if removed >= u64::from(self.batch) {
                        self.pause
                    } else {
                        self.jittered()
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "expired sessions not purged");
                    self.jittered()
                }
            };
        }
        purged
    }

    fn jittered(&self) -> Duration {
        self.interval.mul_f64(rand::rng().random_range(0.75..1.25))
    }
}

impl<M> fmt::Debug for Sweeper<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweeper")
            .field("interval", &self.interval)
            .field("batch", &self.batch)
            .field("pause", &self.pause)
            .finish_non_exhaustive()
    }
}
