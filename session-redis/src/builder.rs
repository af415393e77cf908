use std::time::Duration;

use crate::{
    RedisPool,
    clock::Clock,
    link::{Link, pool::PoolLink},
    names::Names,
    options::{CONNECT_TIMEOUT, PREFIX, RESPONSE_TIMEOUT},
    script::Scripts,
    store::{RedisStore, Replicas, Shared},
};

/// Makes a [`RedisStore`] over a pool of yours; from [`RedisStore::builder`].
///
/// The pool asks the server whether a connection lives each time before it hands it out (`UNWATCH` and
/// `PING`), so an operation waits for two round trips instead of one; and each connection has one
/// operation at a time. A store that opens its own connection is quicker by far. Take a pool for
/// what else you have in it.
///
/// ```no_run
/// // Not run: it needs a server.
/// use session_redis::{RedisStore, deadpool_redis::{Config, Runtime}};
///
/// let pool = Config::from_url("redis://redis.example").create_pool(Some(Runtime::Tokio1))?;
/// let store = RedisStore::builder(pool).prefix("shop:").build();
/// # let _ = store;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct RedisStoreBuilder {
    pool: RedisPool,
    prefix: Vec<u8>,
    connect_timeout: Duration,
    response_timeout: Duration,
    replicas: Option<Replicas>,
}

impl RedisStoreBuilder {
    fn new(pool: RedisPool) -> Self {
        Self {
            pool,
            prefix: PREFIX.to_vec(),
            connect_timeout: CONNECT_TIMEOUT,
            response_timeout: RESPONSE_TIMEOUT,
            replicas: None,
        }
    }

    /// What begins the names of all keys; any bytes, `session:` unless said otherwise. See
    /// [`RedisOptions::prefix`](crate::RedisOptions::prefix).
    pub fn prefix(mut self, prefix: impl AsRef<[u8]>) -> Self {
        self.prefix = prefix.as_ref().to_vec();
        self
    }

    /// How long an operation waits for an answer, 1 s unless said otherwise.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// How long an operation waits for a connection of the pool, 1.5 s unless said otherwise.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Has each write wait until so many replicas have it. See
    /// [`RedisOptions::wait_for_replicas`](crate::RedisOptions::wait_for_replicas).
    pub fn wait_for_replicas(mut self, count: u32, patience: Duration) -> Self {
        self.replicas = Replicas::new(count, patience);
        self
    }

    /// The store. Touches nothing.
    pub fn build(self) -> RedisStore {
        // A write waits for its replicas first.
        let patience = self.replicas.map(|replicas| replicas.patience);
        let response_timeout = self
            .response_timeout
            .saturating_add(patience.unwrap_or_default());
        let link = Link::Pool(PoolLink::new(
            self.pool,
            self.connect_timeout,
            response_timeout,
        ));
        RedisStore::new(Shared {
            together: !link.is_cluster(),
            link,
            names: Names::new(&self.prefix),
            scripts: Scripts::new(),
            clock: Clock::new(),
            replicas: self.replicas,
            writer: None,
            near: None,
        })
    }
}

impl RedisStore {
    /// Uses this pool, with names that begin with `session:`.
    pub fn from_pool(pool: impl Into<RedisPool>) -> Self {
        Self::builder(pool).build()
    }

    /// Uses this pool, with what else there is to say.
    pub fn builder(pool: impl Into<RedisPool>) -> RedisStoreBuilder {
        RedisStoreBuilder::new(pool.into())
    }
}
