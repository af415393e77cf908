use std::{fmt, time::Duration};

use redis::{AsyncConnectionConfig, ProtocolVersion, RedisResult};
use session_core::{Operation, StoreError};

#[cfg(feature = "near-cache")]
use crate::near::{Near, NearCache};
use crate::{
    clock::Clock,
    error::store_error,
    link::{
        Link,
        line::{Line, Source},
    },
    names::Names,
    script::Scripts,
    store::{RedisStore, Replicas, Shared},
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
    target: Target,
    prefix: Vec<u8>,
    response_timeout: Duration,
    connect_timeout: Duration,
    replicas: Option<Replicas>,
    connect: bool,
    #[cfg(feature = "near-cache")]
    near: Option<NearCache>,
    #[cfg(feature = "tls-rustls")]
    certificates: Option<redis::TlsCertificates>,
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
    ///
    /// In a cluster, a prefix with a part in braces, as in `{session}:`, puts all sessions on one node. Then
    /// each operation is one command, as on a single server; and no other node helps with them.
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

    /// How long an operation waits for a connection to be made, 1.5 s unless said otherwise. In a cluster,
    /// one with a single node may take a third of that.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Has each write wait until so many replicas have it (`WAIT`), at most for as long as this. A write that
    /// they have not by then is `Unavailable`, though the master has it.
    ///
    /// A failover that promotes one of those replicas loses nothing that was acknowledged. Others on the
    /// same connection wait along, so this costs throughput.
    pub fn wait_for_replicas(mut self, count: u32, patience: Duration) -> Self {
        self.replicas = (count > 0).then_some(Replicas { count, patience });
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
            shared.know_the_time(Operation::Open).await?;
        }
        Ok(RedisStore::new(shared))
    }

    fn shared(self) -> RedisResult<Shared> {
        let names = Names::new(&self.prefix);
        #[cfg(feature = "near-cache")]
        let near = self
            .near
            .map(|near| std::sync::Arc::new(Near::new(near, names.clone())));
        #[cfg(feature = "near-cache")]
        let link = self.link(near.clone())?;
        #[cfg(not(feature = "near-cache"))]
        let link = self.link()?;
        Ok(Shared {
            together: is_together(&link, &self.prefix),
            link,
            names,
            scripts: Scripts::new(),
            clock: Clock::new(),
            replicas: self.replicas,
            #[cfg(feature = "near-cache")]
            near,
        })
    }

    fn link(
        &self,
        #[cfg(feature = "near-cache")] near: Option<std::sync::Arc<Near>>,
    ) -> RedisResult<Link> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            .set_response_timeout(Some(self.response_timeout));
        #[cfg(feature = "near-cache")]
        let protocol = near.is_some().then_some(ProtocolVersion::RESP3);
        #[cfg(not(feature = "near-cache"))]
        let protocol: Option<ProtocolVersion> = None;
        #[cfg(feature = "near-cache")]
        let hear = near.clone().map(|near| {
            move |push: redis::PushInfo| {
                near.hear(&push);
                Ok::<(), redis::aio::SendError>(())
            }
        });
        #[cfg(feature = "near-cache")]
        let config = match hear.clone() {
            Some(hear) => config.set_push_sender(hear),
            None => config,
        };
        let line = |source| Link::Line(Box::new(Line::new(source, config, self.connect_timeout)));
        match &self.target {
            Target::Server(server) => {
                let mut server = server.clone();
                if let Some(protocol) = protocol {
                    let settings = server.redis_settings().clone().set_protocol(protocol);
                    server = server.set_redis_settings(settings);
                }
                #[cfg(feature = "tls-rustls")]
                if let Some(certificates) = &self.certificates {
                    let client = redis::Client::build_with_tls(server, certificates.clone())?;
                    return Ok(line(Source::Server(Box::new(client))));
                }
                Ok(line(Source::Server(Box::new(redis::Client::open(server)?))))
            }
            #[cfg(feature = "cluster")]
            Target::Cluster(nodes) => {
                // The driver waits for the slowest node before and after it asks for the slots, and one that
                // hangs must not keep it from the others.
                let mut builder = redis::cluster::ClusterClientBuilder::new(nodes.clone())
                    .connection_timeout(self.connect_timeout / 3)
                    .response_timeout(self.response_timeout);
                if let Some(protocol) = protocol {
                    builder = builder.use_protocol(protocol);
                }
                #[cfg(feature = "near-cache")]
                if let Some(hear) = hear {
                    builder = builder.push_sender(hear);
                }
                #[cfg(feature = "tls-rustls")]
                if let Some(certificates) = &self.certificates {
                    builder = builder.certs(certificates.clone());
                }
                let renewed = move || {
                    // The nodes tell the former connections what changes.
                    #[cfg(feature = "near-cache")]
                    if let Some(near) = &near {
                        near.forget_all();
                    }
                };
                let cluster = crate::link::cluster::Cluster::new(
                    builder.build()?,
                    self.connect_timeout,
                    renewed,
                );
                Ok(Link::Cluster(Box::new(cluster)))
            }
            #[cfg(feature = "sentinel")]
            Target::Sentinel(sentinel) => {
                let client = self.sentinel(sentinel, protocol)?;
                Ok(line(Source::Sentinel(Box::new(client))))
            }
        }
    }

    #[cfg(feature = "sentinel")]
    fn sentinel(
        &self,
        target: &crate::url::SentinelTarget,
        protocol: Option<ProtocolVersion>,
    ) -> RedisResult<redis::sentinel::SentinelClient> {
        use redis::sentinel::{SentinelClientBuilder, SentinelServerType};

        let at = target.at.iter().map(|at| at.addr().clone());
        let mut builder =
            SentinelClientBuilder::new(at, &target.service, SentinelServerType::Master)?;
        let master = target.master.redis_settings();
        builder = builder
            .set_client_to_redis_db(master.db())
            .set_client_to_redis_protocol(protocol.unwrap_or_else(|| master.protocol()));
        if let Some(user) = master.username() {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = master.password() {
            builder = builder.set_client_to_redis_password(password);
        }
        #[cfg(feature = "tls-rustls")]
        if let redis::ConnectionAddr::TcpTls { .. } = target.master.addr() {
            builder = builder.set_client_to_redis_tls_mode(redis::TlsMode::Secure);
            if let Some(certificates) = &self.certificates {
                builder = builder
                    .set_client_to_redis_certificates(certificates.clone())
                    .set_client_to_sentinel_certificates(certificates.clone());
            }
        }
        builder.build()
    }
}

/// Whether all names lie on one node.
pub(crate) fn is_together(link: &Link, prefix: &[u8]) -> bool {
    #[cfg(feature = "cluster")]
    return !link.is_cluster() || crate::names::is_tagged(prefix);
    #[cfg(not(feature = "cluster"))]
    {
        let _ = (link, prefix);
        true
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
