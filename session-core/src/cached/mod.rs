//! Reads served from a near store, the truth in a far one.

mod clock;
mod doubts;
mod entry;
mod generations;
mod maintaining;
mod reading;
mod writing;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use self::{clock::Clock, generations::Generations};
use crate::Ttl;

/// A store in which reads are served from a near store, such as one in memory, while the truth is
/// in a far one, such as a SQL database.
///
/// - **A read** that the near store can answer costs no operation of the far one; another `get` costs
///   one, and its record is put into the near store. That a key is absent is not remembered.
/// - **A write** goes to the far store, which alone compares versions: what was read too late
///   overwrites nothing, it meets a `Conflict`, and the next read is fresh.
/// - **A read through this handle or a clone** that begins after a write through it was answered
///   sees that write, always.
/// - **A write by anyone else**, on another node or straight to the far store, is seen at most
///   `max_staleness` late. That holds for a logout, too: until then, the session that was ended
///   elsewhere is served here. There is no default for it; state what your logouts may take.
///
/// A cheap handle: clones share both stores and the counters. It keeps every promise that the far
/// store keeps, as long as all write through it.
///
/// ```
/// use session_core::{Cached, NewRecord, Precondition, Store, StoreError, StoreKey, Ttl};
///
/// # async fn example(memory: impl Store, database: impl Store) -> Result<(), Box<dyn std::error::Error>> {
/// // Say, a `MemoryStore` of this process before a `PostgresStore`.
/// let store = Cached::new(memory, database, Ttl::from_secs(5)?);
///
/// let key = StoreKey::digest(b"the bytes of a session ID");
/// let record = NewRecord::new(b"theme=dark");
/// store.set(&key, &record, Ttl::from_secs(1800)?, Precondition::Absent).await?; // the database
/// store.get(&key).await?; // the database, once
/// store.get(&key).await?; // the memory
/// assert_eq!((store.hits(), store.misses()), (1, 1));
/// # Ok(())
/// # }
/// ```
///
/// # The near store
///
/// It must belong to this handle alone, and answer at once: a read waits for it. Bound it by its
/// room, and give this store to a [`Sweeper`](crate::Sweeper), which sweeps both. If it fails, that
/// is a miss and never an error. What a write has ended stays in it, uncounted, until it is
/// replaced, swept or dropped for room.
///
/// # Limits
///
/// - A near record counts for `max_staleness` from when the far store was asked, and ends some
///   milliseconds (5, and a thousandth) before the far one. In between, what is left to live is
///   known as exactly as half the time that the far store's answer took.
/// - A write ends the near records of its whole stripe, about one in 65 536 of all keys;
///   [`delete_owner`](crate::OwnerIndex::delete_owner) and
///   [`delete_all`](crate::Maintain::delete_all) end all of them.
/// - While a write is under way, and for `max_staleness` (10 s at most) after one that failed or was
///   cut off, reads of its stripe ask the far store, since nobody knows when such a write happens.
/// - Two reads that miss at the same time may leave the older answer in the near store, so a write by
///   someone else may be seen by one read and not by the next, within `max_staleness`.
/// - Half a mebibyte of memory for the stripes.
pub struct Cached<N, F> {
    inner: Arc<Inner<N, F>>,
}

struct Inner<N, F> {
    near: N,
    far: F,
    max_staleness: Ttl,
    clock: Clock,
    generations: Generations,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl<N, F> Cached<N, F> {
    /// How long a write in doubt keeps its stripe uncached, at most.
    const DOUBT: Duration = Duration::from_secs(10);

    /// Serves reads of `far` from `near`, at most `max_staleness` late: 1 ms to 400 days, as any
    /// [`Ttl`].
    pub fn new(near: N, far: F, max_staleness: Ttl) -> Self {
        Self {
            inner: Arc::new(Inner {
                near,
                far,
                max_staleness,
                clock: Clock::start(),
                generations: Generations::new(max_staleness.as_duration().min(Self::DOUBT)),
                hits: AtomicU64::new(0),
                misses: AtomicU64::new(0),
            }),
        }
    }

    /// How many reads (`get`, `exists`, `ttl`) the near store has answered.
    pub fn hits(&self) -> u64 {
        self.inner.hits.load(Ordering::Relaxed)
    }

    /// How many reads went to the far store, those of absent keys included.
    pub fn misses(&self) -> u64 {
        self.inner.misses.load(Ordering::Relaxed)
    }
}

impl<N, F> Clone for Cached<N, F> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<N, F> fmt::Debug for Cached<N, F> {
    /// Shows the settings and counters, nothing of the sessions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached")
            .field("max_staleness", &self.inner.max_staleness)
            .field("hits", &self.hits())
            .field("misses", &self.misses())
            .finish_non_exhaustive()
    }
}
