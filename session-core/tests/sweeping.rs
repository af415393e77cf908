//! `Sweeper`: expired records go in bounded batches until it is stopped.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use session_core::{Maintain, Operation, StoreError, StoreErrorKind, Sweeper, async_trait};
use tokio::{sync::oneshot, time::Instant};

use crate::support::captured;

const INTERVAL: Duration = Duration::from_secs(40);

/// A store with so many expired records; when it was swept, and with what limit.
#[derive(Clone)]
struct Swept(Arc<Mutex<State>>);

struct State {
    expired: u64,
    failures: u32,
    calls: Vec<(Instant, u32)>,
}

impl Swept {
    fn new(expired: u64, failures: u32) -> Self {
        Self(Arc::new(Mutex::new(State {
            expired,
            failures,
            calls: Vec::new(),
        })))
    }

    fn calls(&self) -> Vec<(Instant, u32)> {
        self.0.lock().unwrap().calls.clone()
    }
}

#[async_trait]
impl Maintain for Swept {
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.calls.push((Instant::now(), limit));
        if state.failures > 0 {
            state.failures -= 1;
            let kind = StoreErrorKind::Unavailable;
            return Err(StoreError::new(kind, Operation::PurgeExpired));
        }
        let removed = state.expired.min(limit.into());
        state.expired -= removed;
        Ok(removed)
    }

    async fn delete_all(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// Sweeps for so long; how many records that removed.
async fn sweep(sweeper: Sweeper<Swept>, time: Duration) -> u64 {
    sweeper.run(tokio::time::sleep(time)).await
}

#[tokio::test(start_paused = true)]
async fn one_round_takes_all_in_batches_with_pauses_between_them() {
    let store = Swept::new(25, 0);
    let pause = Duration::from_millis(50);
    let sweeper = Sweeper::new(store.clone())
        .interval(INTERVAL)
        .batch(10)
        .pause(pause);
    assert_eq!(sweep(sweeper, INTERVAL / 2 + pause * 4).await, 25);
    let calls = store.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|(_, limit)| *limit == 10));
    for pair in calls.windows(2) {
        let paused = pair[1].0 - pair[0].0;
        assert!(paused >= pause && paused < pause * 2, "{paused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rounds_keep_coming_at_about_the_interval_and_never_in_step() {
    let store = Swept::new(0, 0);
    let began = Instant::now();
    sweep(
        Sweeper::new(store.clone()).interval(INTERVAL),
        INTERVAL * 200,
    )
    .await;
    let calls = store.calls();
    assert!(calls[0].0 - began < INTERVAL / 2 + Duration::from_millis(2));
    assert!((160..=270).contains(&calls.len()), "{}", calls.len());
    let mut waits: Vec<Duration> = calls.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    for wait in &waits {
        let least = INTERVAL.mul_f64(0.75);
        let most = INTERVAL.mul_f64(1.25) + Duration::from_millis(2);
        assert!((least..=most).contains(wait), "{wait:?}");
    }
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 50, "jitter");
}

#[tokio::test(start_paused = true)]
async fn a_failing_store_is_logged_and_tried_again() {
    let store = Swept::new(5, 3);
    let log = captured(async {
        let sweeper = Sweeper::new(store.clone()).interval(INTERVAL);
        assert_eq!(sweep(sweeper, INTERVAL * 10).await, 5);
    })
    .await;
    assert!(store.calls().len() > 4);
    assert_eq!(log.matches("the store is unavailable").count(), 3, "{log}");
}

#[tokio::test(start_paused = true)]
async fn it_stops_at_once_whatever_it_waits_for() {
    let (stop, stopped) = oneshot::channel::<()>();
    let store = Swept::new(1_000_000, 0);
    let sweeper = Sweeper::new(store.clone()).interval(INTERVAL).batch(1);
    let task = tokio::spawn(sweeper.run(async { drop(stopped.await) }));
    // In the middle of a round, and of a long pause.
    tokio::time::sleep(INTERVAL * 5).await;
    let before = store.calls().len();
    let asked = Instant::now();
    drop(stop);
    let purged = task.await.unwrap();
    assert_eq!(asked.elapsed(), Duration::ZERO);
    assert_eq!(store.calls().len(), before);
    assert_eq!(purged, u64::try_from(before).unwrap());
    // Before its first round, too.
    let store = Swept::new(1, 0);
    assert_eq!(Sweeper::new(store.clone()).run(async {}).await, 0);
    assert!(store.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn extreme_settings_do_no_harm() {
    let days = |days: u64| Duration::from_secs(days * 86_400);
    // The longest interval is 400 days.
    for (interval, time) in [
        (Duration::ZERO, Duration::from_millis(20)),
        (Duration::MAX, days(500)),
    ] {
        let store = Swept::new(3, 0);
        let sweeper = Sweeper::new(store.clone())
            .interval(interval)
            .batch(0)
            .pause(Duration::ZERO);
        assert_eq!(sweep(sweeper, time).await, 3);
        assert!(store.calls().iter().all(|(_, limit)| *limit == 1));
    }
}

#[tokio::test]
async fn a_shared_store_is_swept_alike() {
    let store: Arc<dyn Maintain> = Arc::new(Swept::new(3, 0));
    let sweeper = Sweeper::new(store).interval(Duration::from_millis(1));
    let purged = sweeper.run(tokio::time::sleep(Duration::from_millis(20)));
    assert_eq!(purged.await, 3);
}

/// A store that never answers.
struct Silent;

#[async_trait]
impl Maintain for Silent {
    async fn purge_expired(&self, _: u32) -> Result<u64, StoreError> {
        std::future::pending().await
    }

    async fn delete_all(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn count(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_does_not_keep_it_from_stopping() {
    let (stop, stopped) = oneshot::channel::<()>();
    let sweeper = Sweeper::new(Silent)
        .interval(INTERVAL)
        .timeout(Duration::from_secs(5));
    let task = tokio::spawn(sweeper.run(async { drop(stopped.await) }));
    // By now a first batch is under way, whatever the jitter.
    tokio::time::sleep(INTERVAL).await;
    drop(stop);
    let ended = tokio::time::timeout(Duration::from_secs(6), task).await;
    assert_eq!(ended.unwrap().unwrap(), 0);
}
