use std::{fmt, sync::Arc, time::Duration};

use session_core::StoreError;

use crate::{
    clock::Clock, link::Link, names::Names, near::Near, options::RedisOptions, script::Scripts,
};

/// Keeps sessions in Redis or Valkey. A cheap handle: clones share the connection.
///
/// - Implements [`Store`](session_core::Store), [`Maintain`](session_core::Maintain) and
///   [`OwnerIndex`](session_core::OwnerIndex). A `get` is one `GET`; `set`, `delete`, `expire` and `rename` are
///   one script each, so every operation of a request is one command and one round trip.
/// - The server's clock and its own expiry decide; it removes what has expired by itself. How old a record
///   is and how long it has left is reckoned from the clock that scripts tell, exact to a millisecond or so.
/// - A record may be as large as the server's `proto-max-bulk-len` lets it, 512 MiB unless it is told
///   otherwise; a larger one is `TooLarge`, and so is an owner of more than 65 000 bytes.
/// - In a cluster, a record and its owner's index lie on different nodes, and so do the two names of a
///   rename. The promises are the same; a few operations take more steps (`docs/redis.md`).
/// - Replication is asynchronous: what the master had acknowledged a moment before it failed may be
///   lost, a logout included. [`wait_for_replicas`](RedisOptions::wait_for_replicas) narrows that.
/// - Needs Redis 6.2 or Valkey, or later (tested with Redis 7.0), and a tokio runtime with timers.
///
/// ```no_run
/// // Not run: it needs a server.
/// use session_core::{NewRecord, OwnerIndex, Precondition, SetOutcome, Store, StoreKey, Ttl};
/// use session_redis::RedisStore;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let store = RedisStore::open("redis://redis.example").await?;
///
/// let key = StoreKey::digest(b"the bytes of a session's ID");
/// let record = NewRecord::new(b"any bytes").owner(Some("alice"));
/// let ttl = Ttl::from_secs(1800)?;
/// let stored = store.set(&key, &record, ttl, Precondition::Absent).await?;
/// assert!(matches!(stored, SetOutcome::Stored(_)));
/// assert_eq!(store.delete_owner("alice", None).await?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RedisStore {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) link: Link,
    /// A way of their own for writes that wait for replicas: reads need not wait along.
    pub(crate) writer: Option<Link>,
    pub(crate) names: Names,
    pub(crate) scripts: Scripts,
    pub(crate) clock: Clock,
    pub(crate) replicas: Option<Replicas>,
    /// Whether all names lie on the same node, so that one script reaches them all.
    pub(crate) together: bool,
    pub(crate) near: Option<Arc<Near>>,
}

/// How many replicas must have a write before it is acknowledged, and how long to wait for them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replicas {
    pub(crate) count: u32,
    pub(crate) patience: Duration,
}

/// Nobody waits longer, and the server can still add the time of day to it.
const LONGEST_PATIENCE: Duration = Duration::from_secs(86_400);

impl Replicas {
    /// `None` without replicas. No patience is a millisecond: zero would be for ever.
    pub(crate) fn new(count: u32, patience: Duration) -> Option<Self> {
        let patience = patience.clamp(Duration::from_millis(1), LONGEST_PATIENCE);
        (count > 0).then_some(Self { count, patience })
    }

    pub(crate) fn millis(self) -> u64 {
        u64::try_from(self.patience.as_millis()).unwrap_or(u64::MAX)
    }
}

impl RedisStore {
    /// Opens the server, the cluster or the master that this URL names; [`RedisOptions`] says how, and
    /// can be told otherwise.
    ///
    /// # Errors
    /// `Unavailable` or `Timeout` if it cannot be reached; `Other` if this is no such URL.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        RedisOptions::url(url)?.open().await
    }

    pub(crate) fn new(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }
}

impl Shared {
    /// What scripts are told of the indexes: what their names begin with, where they reach them.
    pub(crate) fn indexes(&self) -> &[u8] {
        if self.together {
            self.names.indexes()
        } else {
            b""
        }
    }

    /// Nothing is served from this process that was read before.
    pub(crate) fn forget(&self, key: &session_core::StoreKey) {
        if let Some(near) = &self.near {
            near.forget(key);
        }
    }

    /// The same of all keys.
    pub(crate) fn forget_all(&self) {
        if let Some(near) = &self.near {
            near.forget_all();
        }
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("names", &self.shared.names)
            .finish_non_exhaustive()
    }
}
