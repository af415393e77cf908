use std::{fmt, time::Duration};

use session_core::{Operation, StoreError};

#[cfg(feature = "near-cache")]
use crate::near::NearCache;
use crate::{
    error::store_error,
    store::{RedisStore, Replicas},
    url::{Target, parse},
};

/// What begins all names unless said otherwise.
pub(crate) const PREFIX: &[u8] = b"session:";
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_millis(1500);

/// How a [`RedisStore`] opens a connection of its own.
///
/// All operations share it, each sent without waiting for the answers of others. It is made again when it
/// has failed, and a command that it was lost under is sent again where that is safe, so a restarted
/// server mostly goes unnoticed.
///
/// ```no_run
/// // Not run: it needs a server.
/// use std::time::Duration;
/// use session_redis::RedisOptions;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let store = RedisOptions::url("redis://app:secret@redis.example/3")?
///     .prefix("shop:")
///     .response_timeout(Duration::from_millis(500))
///     .open()
///     .await?;
/// # let _ = store;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until they are used to open"]
pub struct RedisOptions {
    pub(crate) target: Target,
    pub(crate) prefix: Vec<u8>,
    pub(crate) response_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) replicas: Option<Replicas>,
    connect: bool,
    #[cfg(feature = "near-cache")]
    pub(crate) near: Option<NearCache>,
    #[cfg(feature = "tls-rustls")]
    pub(crate) certificates: Option<redis::TlsCertificates>,
}

impl RedisOptions {
    /// The server, the cluster or the master at this URL:
    ///
    /// - `redis://user:password@host:port/database`; `rediss://` with TLS; `?protocol=resp3`;
    /// - `redis+cluster://user:password@host:port,host:port` with the feature `cluster`: some of its nodes;
    /// - `redis+sentinel://user:password@host:port,host:port/service/database` with the feature `sentinel`:
    ///   some of the sentinels, and as what they know the master. User and password are the master's.
    ///
    /// # Errors
    /// `Other` if it is no such URL.
    pub fn url(url: &str) -> Result<Self, StoreError> {
        let target = parse(url).map_err(|error| store_error(Operation::Open, error))?;
        Ok(Self {
            target,
            prefix: PREFIX.to_vec(),
            response_timeout: RESPONSE_TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            replicas: None,
            connect: true,
            #[cfg(feature = "near-cache")]
            near: None,
            #[cfg(feature = "tls-rustls")]
            certificates: None,
        })
    }

    /// What begins the names of all keys; any bytes, `session:` unless said otherwise. Stores with different
    /// prefixes know nothing of each other.
    pub fn prefix(mut self, prefix: impl AsRef<[u8]>) -> Self {
        self.prefix = prefix.as_ref().to_vec();
        self
    }

    /// How long an operation waits for an answer, 1 s unless said otherwise. Best below the store timeout of
    /// the sessions.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// How long an operation waits for a connection to be made, 1.5 s unless said otherwise; in a cluster,
    /// as long again for a node that says which master has a key. Whoever gives up earlier leaves the
    /// attempt to those who come later.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Has each write wait until so many replicas have it (`WAIT`), at most for as long as this. A write that
    /// they have not by then is `Unavailable`, though the master has it. As long as this is a millisecond at
    /// least and a day at most; a count of zero waits for none.
    ///
    /// A failover that promotes one of those replicas loses nothing that was acknowledged. Writes have a
    /// connection of their own then, on which they wait for each other, so this costs throughput.
    pub fn wait_for_replicas(mut self, count: u32, patience: Duration) -> Self {
        self.replicas = Replicas::new(count, patience);
        self
    }

    /// Whether to connect at once; yes unless said otherwise. Else the connection is made when it is first
    /// needed, so the server need not be there yet.
    pub fn connect(mut self, connect: bool) -> Self {
        self.connect = connect;
        self
    }

    /// Serves reads from this process until the server says that they are stale; no unless said otherwise.
    #[cfg(feature = "near-cache")]
    pub fn near_cache(mut self, near: NearCache) -> Self {
        self.near = Some(near);
        self
    }

    /// The certificates to trust, and the client's own, instead of the machine's.
    #[cfg(feature = "tls-rustls")]
    pub fn certificates(mut self, certificates: redis::TlsCertificates) -> Self {
        self.certificates = Some(certificates);
        self
    }

    /// Opens the store.
    ///
    /// # Errors
    /// `Unavailable` or `Timeout` if the server cannot be reached; `Other` if the options contradict each other.
    pub async fn open(self) -> Result<RedisStore, StoreError> {
        let connect = self.connect;
        let shared = self
            .shared()
            .map_err(|error| store_error(Operation::Open, error))?;
        if connect {
            // The first answer takes as long as it takes to connect; the second tells the time.
            for _ in 0..2 {
                shared
                    .ask_the_time(Operation::Open, shared.names.records())
                    .await?;
            }
        }
        Ok(RedisStore::new(shared))
    }
}

impl fmt::Debug for RedisOptions {
    /// Shows no address: it may have a password before it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions")
            .field("response_timeout", &self.response_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("replicas", &self.replicas)
            .field("connect", &self.connect)
            .finish_non_exhaustive()
    }
}
