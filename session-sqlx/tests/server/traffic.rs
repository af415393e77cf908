use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use session_core::{
    FullStore, NewRecord, Precondition, SetOutcome, StoreError, StoreErrorKind, StoreKey, Version,
};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{ttl, version};

/// How many tasks write at the same time.
const TASKS: usize = 16;
/// How long a request waits for the store.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// Tasks that write a record each, by compare and swap, one number after the other, whatever fails.
pub(crate) struct Traffic {
    tasks: Vec<Task>,
    stop: Arc<AtomicBool>,
}

struct Task {
    told: Arc<Told>,
    run: JoinHandle<Seen>,
}

/// What a task has been told so far.
#[derive(Default)]
struct Told {
    acknowledged: AtomicU64,
    failed: AtomicU64,
}

/// What all calls of a task, or of all of them, came to.
#[derive(Default, Debug)]
pub(crate) struct Seen {
    pub(crate) acknowledged: u64,
    /// How many failed, by the kind of the error.
    pub(crate) failed: BTreeMap<String, u64>,
    /// How many had no answer within [`PATIENCE`].
    pub(crate) unanswered: u64,
    pub(crate) longest: Duration,
}

impl Traffic {
    pub(crate) async fn begin(store: &Arc<dyn FullStore>) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let mut tasks = Vec::new();
        for task in 0..TASKS {
            let key = StoreKey::digest(&task.to_be_bytes());
            let record = NewRecord::new(&[0; 8]);
            let created = store.set(&key, &record, ttl(), Precondition::Absent);
            let version = version(created.await.unwrap());
            let told = Arc::<Told>::default();
            let writer = Writer {
                store: Arc::clone(store),
                key,
                told: Arc::clone(&told),
                seen: Seen::default(),
                in_doubt: false,
            };
            let run = tokio::spawn(writer.run(version, Arc::clone(&stop)));
            tasks.push(Task { told, run });
        }
        Self { tasks, stop }
    }

    /// Waits until every task has had another write acknowledged; how long that took.
    pub(crate) async fn all_write(&self) -> Duration {
        self.all(|told| &told.acknowledged).await
    }

    /// Waits until every task has had another call fail.
    pub(crate) async fn all_fail(&self) {
        self.all(|told| &told.failed).await;
    }

    async fn all(&self, number: fn(&Told) -> &AtomicU64) -> Duration {
        let began = Instant::now();
        let numbers = self.tasks.iter().map(|task| number(&task.told));
        let before: Vec<_> = numbers.map(|number| number.load(SeqCst)).collect();
        for (task, before) in self.tasks.iter().zip(before) {
            while number(&task.told).load(SeqCst) == before {
                assert!(!task.run.is_finished(), "a task has failed");
                assert!(began.elapsed() < 4 * PATIENCE, "a task waits for ever");
                sleep(Duration::from_millis(1)).await;
            }
        }
        began.elapsed()
    }

    /// Ends it, and sees to it that the store has all that it acknowledged.
    pub(crate) async fn end(self) -> Seen {
        self.stop.store(true, SeqCst);
        let mut all = Seen::default();
        for task in self.tasks {
            let seen = task.run.await.unwrap();
            all.acknowledged += seen.acknowledged;
            all.unanswered += seen.unanswered;
            all.longest = all.longest.max(seen.longest);
            for (kind, failed) in seen.failed {
                *all.failed.entry(kind).or_default() += failed;
            }
        }
        all
    }
}

struct Writer {
    store: Arc<dyn FullStore>,
    key: StoreKey,
    told: Arc<Told>,
    seen: Seen,
    /// Whether a write may have happened, or may yet, of which nobody was told.
    in_doubt: bool,
}

impl Writer {
    async fn run(mut self, mut version: Version, stop: Arc<AtomicBool>) -> Seen {
        let (store, key) = (Arc::clone(&self.store), self.key);
        let mut number = 0_u64;
        while !stop.load(SeqCst) {
            number += 1;
            let (data, when) = (number.to_be_bytes(), Precondition::Version(version));
            let record = NewRecord::new(&data);
            match self
                .call(store.set(&key, &record, ttl(), when))
                .await
                .map(stored)
            {
                Some(Some(new)) => {
                    version = new;
                    // What was sent before was for another version.
                    self.in_doubt = false;
                    self.seen.acknowledged += 1;
                    self.told.acknowledged.store(number, SeqCst);
                    continue;
                }
                Some(None) => assert!(self.in_doubt, "a write that nobody made came between"),
                None => self.in_doubt = true,
            }
            version = self.read(number).await;
        }
        self.read(number).await;
        self.seen
    }

    /// The version that is stored, once the store says; and it is not older than what it acknowledged.
    async fn read(&mut self, newest: u64) -> Version {
        let (store, key) = (Arc::clone(&self.store), self.key);
        loop {
            if let Some(record) = self.call(store.get(&key)).await {
                let record = record.unwrap();
                let number = u64::from_be_bytes(record.data.as_ref().try_into().unwrap());
                let acknowledged = self.told.acknowledged.load(SeqCst);
                assert!(
                    acknowledged <= number && number <= newest,
                    "{number} of {newest}"
                );
                assert!(self.in_doubt || number == acknowledged, "{number}");
                return record.version;
            }
        }
    }

    /// What a call answers, if it does.
    async fn call<T>(&mut self, call: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
        let began = Instant::now();
        let answer = timeout(PATIENCE, call).await;
        self.seen.longest = self.seen.longest.max(began.elapsed());
        match answer {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => {
                let kind = error.kind();
                let typed = [StoreErrorKind::Unavailable, StoreErrorKind::Timeout];
                assert!(typed.contains(&kind), "{error:?}");
                *self.seen.failed.entry(format!("{kind:?}")).or_default() += 1;
            }
            Err(_) => self.seen.unanswered += 1,
        }
        self.told.failed.fetch_add(1, SeqCst);
        None
    }
}

fn stored(outcome: SetOutcome) -> Option<Version> {
    match outcome {
        SetOutcome::Stored(version) => Some(version),
        _ => None,
    }
}
