//! Removing what has expired takes the dead only, and stands in nobody's way.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]
#![expect(
    clippy::print_stdout,
    reason = "numbers for whoever runs it with --nocapture"
)]

mod server;

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use server::{
    database::{Database, numbered, on_both, private},
    ttl, version,
};
use session_core::{FullStore, NewRecord, Precondition};
use session_test_servers::Server;
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{sleep, sleep_until, timeout},
};

/// How many rows live while others are purged.
const LIVING: u64 = 10_000;
/// As many as a sweeper takes at a time.
const BATCH: u32 = 1000;

on_both! {
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    a_purge_takes_all_the_dead_and_only_them_while_reads_go_on,
    what_is_renewed_in_its_last_moment_survives_the_purge,
    two_purges_take_each_row_once_and_block_no_writer,
}

async fn a_purge_takes_all_the_dead_and_only_them_while_reads_go_on<D: Database>() {
    let large = env::var("SESSION_TEST_LARGE").is_ok_and(|large| large == "1");
    let expired = if large { 1_000_000 } else { 50_000 };
    let Some(filled) = Filled::new::<D>(LIVING, expired).await else {
        return;
    };
    let reads = Reads::begin(&filled.store);
    sleep(Duration::from_millis(500)).await;
    let without = reads.end().await;

    let reads = Reads::begin(&filled.store);
    let began = Instant::now();
    let purged = purge_all(&filled.store).await;
    let took = began.elapsed();
    let during = reads.end().await;
    let kind = D::KIND;
    println!("{kind:?}: {purged} of {LIVING} + {expired} purged in {took:?}");
    println!("{kind:?}: reads without {without:?}, during {during:?}");
    assert_eq!(purged, expired);
    assert_eq!(filled.store.count().await.unwrap(), LIVING);
    let mut admin = D::connect(&filled.url).await.unwrap();
    let rows = admin.numbers("SELECT count(*) FROM sessions").await;
    assert_eq!(rows, [LIVING.cast_signed()]);
}

async fn what_is_renewed_in_its_last_moment_survives_the_purge<D: Database>() {
    // Slower and slower, until the machine was quick enough for a race.
    for slower in [1, 4, 16] {
        if renew_beside_a_purge::<D>(slower).await {
            return;
        }
    }
    panic!("this machine was too slow to tell");
}

/// Whether some were renewed and some purged; or there is no server.
async fn renew_beside_a_purge<D: Database>(slower: u64) -> bool {
    const ROWS: u64 = 2000;
    const RENEWERS: u64 = 8;
    let Some(filled) = Filled::new::<D>(ROWS, 0).await else {
        return true;
    };
    // One dies every half millisecond, or so many times slower.
    let mut admin = D::connect(&filled.url).await.unwrap();
    let spread = format!(
        "UPDATE sessions SET expires_at = expires_at - 3600000 + 200 + version * {slower} / 2"
    );
    admin.run(spread).await;
    let left = filled.store.ttl(&numbered(ROWS)).await.unwrap().unwrap();
    let last = Instant::now() + left;
    let ended = Arc::<AtomicBool>::default();
    let purger = {
        let (store, ended) = (Arc::clone(&filled.store), Arc::clone(&ended));
        tokio::spawn(async move {
            let mut purged = 0;
            while !ended.load(SeqCst) {
                purged += store.purge_expired(BATCH).await.unwrap();
            }
            purged
        })
    };
    let mut renewers = JoinSet::new();
    for first in 1..=RENEWERS {
        let store = Arc::clone(&filled.store);
        renewers.spawn(async move {
            let mut renewed = Vec::new();
            let mut number = first;
            while number <= ROWS {
                // Up to twenty milliseconds before it dies, or just when it does.
                let dies = last - Duration::from_micros((ROWS - number) * slower * 500);
                sleep_until((dies - Duration::from_millis(number % 21)).into()).await;
                if store.expire(&numbered(number), ttl()).await.unwrap() {
                    renewed.push(number);
                }
                number += RENEWERS;
            }
            renewed
        });
    }
    let renewed = renewers.join_all().await.concat();
    // The last of the others dies now, if it has not yet.
    let survivors = renewed.len() as u64;
    while filled.store.count().await.unwrap() > survivors {
        sleep(Duration::from_millis(1)).await;
    }
    ended.store(true, SeqCst);
    let purged = purger.await.unwrap() + purge_all(&filled.store).await;
    println!("{:?}: {survivors} renewed, {purged} purged", D::KIND);
    assert_eq!(survivors + purged, ROWS);
    for number in renewed {
        assert!(
            filled.store.exists(&numbered(number)).await.unwrap(),
            "{number}"
        );
    }
    survivors > 0 && purged > 0
}

async fn two_purges_take_each_row_once_and_block_no_writer<D: Database>() {
    const EXPIRED: u64 = 20_000;
    /// A writer that is in nobody's way needs a thousandth of that.
    const PATIENCE: Duration = Duration::from_secs(1);
    let Some(filled) = Filled::new::<D>(LIVING, EXPIRED).await else {
        return;
    };
    let store = &filled.store;
    // Somebody has locked a row that lives and one that has expired.
    let mut writer = D::connect(&filled.url).await.unwrap();
    let renew = |number| {
        let hex: String = numbered(number)
            .as_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let key = D::KEY.replace("{hex}", &hex);
        format!("UPDATE sessions SET expires_at = expires_at + 3600000 WHERE id = {key}")
    };
    let (alive, expired) = (1, LIVING + EXPIRED / 2);
    // Otherwise InnoDB locks for it, as pages are merged, what lies between the rows as well.
    writer
        .run("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        .await;
    writer.run("BEGIN").await;
    writer.run(renew(alive)).await;
    writer.run(renew(expired)).await;

    let mut purgers = JoinSet::new();
    for _ in 0..2 {
        let store = Arc::clone(store);
        purgers.spawn(async move { purge_all(&store).await });
    }
    let mut worst = Duration::ZERO;
    for number in 2..500 {
        let began = Instant::now();
        timeout(PATIENCE, writer.run(renew(number))).await.unwrap();
        let record = NewRecord::new(b"data");
        for (number, when) in [
            (1000 + number, Precondition::Any),
            // A new one, in a place among the others.
            (1_000_000 + number, Precondition::Absent),
        ] {
            let key = numbered(number);
            let set = store.set(&key, &record, ttl(), when);
            version(timeout(PATIENCE, set).await.unwrap().unwrap());
        }
        worst = worst.max(began.elapsed());
    }
    // A purge does not wait for the row either.
    let purgers = timeout(10 * PATIENCE, purgers.join_all());
    let purged: u64 = purgers.await.unwrap().iter().sum();
    writer.run("COMMIT").await;
    println!(
        "{:?}: three writes at most {worst:?} while two purged {purged}",
        D::KIND
    );
    assert_eq!(purged, EXPIRED - 1);
    assert!(store.exists(&numbered(expired)).await.unwrap());
    assert_eq!(store.count().await.unwrap(), LIVING + 498 + 1);
}

/// A store over a table that has been filled.
struct Filled {
    _server: Server,
    url: String,
    store: Arc<dyn FullStore>,
}

impl Filled {
    async fn new<D: Database>(living: u64, expired: u64) -> Option<Self> {
        let (server, url) = private::<D>().await?;
        let store = D::open(&url, "sessions", 16).await.unwrap();
        let fill = D::FILL.replace("{living}", &living.to_string());
        let fill = fill.replace("{expired}", &expired.to_string());
        D::connect(&url).await.unwrap().run(fill).await;
        assert_eq!(store.count().await.unwrap(), living);
        Some(Self {
            _server: server,
            url,
            store,
        })
    }
}

/// A task that reads living rows, one after the other.
struct Reads {
    ended: Arc<AtomicBool>,
    task: JoinHandle<Latencies>,
}

#[derive(Default, Debug)]
#[expect(dead_code, reason = "it is there to be printed")]
struct Latencies {
    reads: u64,
    mean: Duration,
    worst: Duration,
}

impl Reads {
    fn begin(store: &Arc<dyn FullStore>) -> Self {
        let ended = Arc::<AtomicBool>::default();
        let (store, end) = (Arc::clone(store), Arc::clone(&ended));
        let task = tokio::spawn(async move {
            let (mut reads, mut all, mut worst) = (0, Duration::ZERO, Duration::ZERO);
            while !end.load(SeqCst) {
                let began = Instant::now();
                let read = store.get(&numbered(reads % LIVING + 1)).await;
                assert!(read.unwrap().is_some());
                let took = began.elapsed();
                (reads, all, worst) = (reads + 1, all + took, worst.max(took));
            }
            let mean = all.div_f64(reads.max(1) as f64);
            Latencies { reads, mean, worst }
        });
        Self { ended, task }
    }

    async fn end(self) -> Latencies {
        self.ended.store(true, SeqCst);
        self.task.await.unwrap()
    }
}

/// Purges until nothing is left; how many rows.
async fn purge_all(store: &Arc<dyn FullStore>) -> u64 {
    let mut all = 0;
    loop {
        let purged = store.purge_expired(BATCH).await.unwrap();
        assert!(purged <= BATCH.into());
        all += purged;
        if purged == 0 {
            return all;
        }
    }
}
