//! The steps that laws are made of.

use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use session_core::{
    NewRecord, Precondition, Record, SetOutcome, Store, StoreKey, Ttl, Version, async_trait,
};
use tokio::{
    sync::Barrier,
    task::{JoinSet, yield_now},
    time::sleep,
};

/// Longer than any law takes.
pub(crate) const LONG: Ttl = seconds(600);

/// Longer still, to be told apart from [`LONG`].
pub(crate) const LONGER: Ttl = seconds(6000);

/// Shorter than [`LONG`], and still longer than any law takes.
pub(crate) const SHORTER: Ttl = seconds(60);

/// Clocks tick in milliseconds, the store's and the timer's; two moments may be off by one each.
pub(crate) const SLACK: Duration = Duration::from_millis(2);

/// The time to live of a record that is to expire soon.
const BRIEF: Ttl = millis(4);

const fn seconds(secs: u64) -> Ttl {
    millis(secs * 1000)
}

pub(crate) const fn millis(millis: u64) -> Ttl {
    match Ttl::from_millis(millis) {
        Ok(ttl) => ttl,
        Err(_) => panic!("a law asks for a time to live that cannot be"),
    }
}

pub(crate) fn key(name: impl AsRef<[u8]>) -> StoreKey {
    StoreKey::digest(name.as_ref())
}

pub(crate) fn numbered(index: usize) -> StoreKey {
    key(index.to_string())
}

/// Lets others go first, for a moment or for longer, by turns: what races with them meets them early or late.
pub(crate) async fn breathe(round: usize) {
    if round.is_multiple_of(2) {
        sleep(Duration::from_millis(1)).await;
    } else {
        yield_now().await;
    }
}

/// The keys of a record that is renamed.
pub(crate) fn moving(round: usize, index: usize) -> (StoreKey, StoreKey) {
    let named = |end| key(format!("{round} {index} {end}"));
    (named("from"), named("to"))
}

pub(crate) const fn owned<'a>(data: &'a [u8], owner: &'a str) -> NewRecord<'a> {
    NewRecord::new(data).owner(Some(owner))
}

/// What laws do with a store again and again. Every answer that is not the usual one panics.
#[async_trait]
pub(crate) trait Steps: Store {
    /// Creates or replaces, for long.
    async fn put(&self, key: &StoreKey, data: &[u8]) -> Version {
        self.write(key, &NewRecord::new(data), LONG, Precondition::Any)
            .await
    }

    /// Creates or replaces for this owner, for long.
    async fn put_owned(&self, key: &StoreKey, owner: &str) -> Version {
        let record = owned(b"owned", owner);
        self.write(key, &record, LONG, Precondition::Any).await
    }

    /// A `set` that must succeed.
    async fn write(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Version {
        match self.set(key, record, ttl, when).await.unwrap() {
            SetOutcome::Stored(version) => version,
            refused => panic!("a set that must succeed ended in {refused:?}"),
        }
    }

    /// A `set` that may be refused.
    async fn try_put(&self, key: &StoreKey, data: &[u8], when: Precondition) -> SetOutcome {
        self.set(key, &NewRecord::new(data), LONG, when)
            .await
            .unwrap()
    }

    /// A `rename` that may be refused.
    async fn try_rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        version: Version,
    ) -> SetOutcome {
        let outcome = self.rename(from, to, record, LONG, version);
        outcome.await.unwrap()
    }

    /// A `get` that must find a record.
    async fn found(&self, key: &StoreKey) -> Record {
        self.get(key).await.unwrap().expect("there is a record")
    }

    /// A `get` that must find nothing.
    async fn assert_gone(&self, key: &StoreKey) {
        assert_eq!(self.get(key).await.unwrap(), None, "there is no record");
    }

    /// The record has about this time left: no more, and less only by what a law takes.
    async fn assert_left(&self, key: &StoreKey, ttl: Ttl) {
        let left = self.found(key).await.expires_in;
        let ttl = ttl.as_duration();
        assert!(left <= ttl, "{left:?} left of {ttl:?}");
        assert!(left > ttl / 2, "only {left:?} left of {ttl:?}");
    }

    /// Writes this record and lives longer than it.
    async fn let_expire(&self, key: &StoreKey, record: &NewRecord<'_>) -> Version {
        let version = self.write(key, record, BRIEF, Precondition::Any).await;
        outlive(Instant::now(), BRIEF).await;
        version
    }
}

#[async_trait]
impl<S: Store + ?Sized> Steps for S {}

/// Waits until a record that was written before `written` has expired.
pub(crate) async fn outlive(written: Instant, ttl: Ttl) {
    pause_until(written + ttl.as_duration() + SLACK).await;
}

pub(crate) async fn pause_until(moment: Instant) {
    sleep(moment.saturating_duration_since(Instant::now())).await;
}

/// Runs the round with longer and longer times to live until the machine was quick enough for it.
/// A round that came too late says `false`, and proves nothing.
pub(crate) async fn until_quick_enough(round: impl AsyncFn(Ttl) -> bool) {
    for ttl in [40, 160, 640, 2560, 10_240] {
        if round(millis(ttl)).await {
            return;
        }
    }
    panic!("this machine was too slow to tell whether the store keeps the law");
}

/// Whether it is still sure that a record lives that was written after `writing` began.
pub(crate) fn surely_lives(writing: Instant, ttl: Ttl) -> bool {
    writing.elapsed() + SLACK < ttl.as_duration()
}

/// Starts `count` tasks at once and gathers what they return.
pub(crate) async fn race<T: Send + 'static, F>(
    count: usize,
    mut task: impl FnMut(usize) -> F,
) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(count));
    let mut tasks = JoinSet::new();
    for index in 0..count {
        let (start, task) = (Arc::clone(&start), task(index));
        tasks.spawn(async move {
            start.wait().await;
            task.await
        });
    }
    tasks.join_all().await
}

/// Starts both at once; what each returns.
pub(crate) async fn duel<A, B>(one: A, other: B) -> (A::Output, B::Output)
where
    A: Future<Output: Send> + Send + 'static,
    B: Future<Output: Send> + Send + 'static,
{
    let start = Arc::new(Barrier::new(2));
    let mine = Arc::clone(&start);
    let other = tokio::spawn(async move {
        start.wait().await;
        other.await
    });
    let one = tokio::spawn(async move {
        mine.wait().await;
        one.await
    });
    (one.await.unwrap(), other.await.unwrap())
}

/// Polls the future this often, then drops it; its output, if it was done by then.
pub(crate) async fn cut_off<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
