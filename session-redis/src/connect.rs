//! From options to a way to the server.

#[cfg(feature = "sentinel")]
use std::sync::atomic::AtomicUsize;
use std::{sync::Arc, time::Duration};

use redis::{
    AsyncConnectionConfig, ConnectionInfo, ProtocolVersion, RedisResult, io::tcp::TcpSettings,
};

#[cfg(feature = "sentinel")]
use crate::link::source::Sentinels;
use crate::{
    clock::Clock,
    link::{
        Link,
        line::{Hooks, Line},
        source::Source,
    },
    names::Names,
    near::Near,
    options::RedisOptions,
    script::Scripts,
    store::Shared,
    url::Target,
};

impl RedisOptions {
    /// What a store is made of. Connects to nothing yet.
    pub(crate) fn shared(self) -> RedisResult<Shared> {
        let names = Names::new(&self.prefix);
        #[cfg(feature = "tls-rustls")]
        if self.target.is_encrypted() {
            choose_cryptography();
        }
        #[cfg(feature = "near-cache")]
        let near = self
            .near
            .map(|near| Arc::new(Near::new(near, names.clone())));
        #[cfg(not(feature = "near-cache"))]
        let near = None;
        let link = Maker::new(&self, self.response_timeout, near.clone()).link(&self.target)?;
        let writer = self.replicas.map(|replicas| {
            let response_timeout = self.response_timeout.saturating_add(replicas.patience);
            Maker::new(&self, response_timeout, None).link(&self.target)
        });
        Ok(Shared {
            together: !link.is_cluster(),
            link,
            names,
            scripts: Scripts::new(),
            clock: Clock::new(),
            replicas: self.replicas,
            writer: writer.transpose()?,
            near,
        })
    }
}

/// What is called where a server cannot be reached.
type Unreachable = Box<dyn Fn() + Send + Sync>;

/// Where there is one server, there is nobody else to ask.
fn nobody() -> Unreachable {
    Box::new(|| ())
}

/// How connections are made.
#[derive(Clone)]
struct Maker {
    config: AsyncConnectionConfig,
    connect_timeout: Duration,
    #[cfg(feature = "cluster")]
    response_timeout: Duration,
    near: Option<Arc<Near>>,
    #[cfg(feature = "tls-rustls")]
    certificates: Option<redis::TlsCertificates>,
}

impl Maker {
    fn new(options: &RedisOptions, response_timeout: Duration, near: Option<Arc<Near>>) -> Self {
        let mut config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(options.connect_timeout))
            .set_response_timeout(Some(response_timeout));
        if let Some(near) = near.clone() {
            config = config.set_push_sender(move |push: redis::PushInfo| {
                near.hear(&push);
                Ok::<(), redis::aio::SendError>(())
            });
        }
        Self {
            config,
            connect_timeout: options.connect_timeout,
            #[cfg(feature = "cluster")]
            response_timeout,
            near,
            #[cfg(feature = "tls-rustls")]
            certificates: options.certificates.clone(),
        }
    }

    fn link(self, target: &Target) -> RedisResult<Link> {
        let line = match target {
            Target::Server(server) => self.line_to(server.clone(), nobody())?,
            #[cfg(feature = "cluster")]
            Target::Cluster(target) => return Ok(self.cluster(target)),
            #[cfg(feature = "sentinel")]
            Target::Sentinel(target) => {
                // What is wrong with it shows now, and not when it is first needed.
                self.sentinel(target, 0)?;
                let (maker, target) = (self.clone(), target.clone());
                let sentinels = Sentinels {
                    count: target.at.len(),
                    client: Box::new(move |first| maker.sentinel(&target, first)),
                    failed: AtomicUsize::new(0),
                };
                self.line(Source::Sentinel(sentinels), nobody())
            }
        };
        Ok(Link::Line(Box::new(line)))
    }

    fn line_to(&self, server: ConnectionInfo, unreachable: Unreachable) -> RedisResult<Line> {
        let settings = server.redis_settings();
        let settings = settings.clone().set_protocol(self.protocol(settings));
        let server = server
            .set_redis_settings(settings)
            .set_tcp_settings(at_once());
        #[cfg(feature = "tls-rustls")]
        if let Some(certificates) = &self.certificates {
            let client = redis::Client::build_with_tls(server, certificates.clone())?;
            return Ok(self.line(Source::Server(Box::new(client)), unreachable));
        }
        let client = redis::Client::open(server)?;
        Ok(self.line(Source::Server(Box::new(client)), unreachable))
    }

    fn line(&self, source: Source, unreachable: Unreachable) -> Line {
        let hooks = Hooks {
            given_up: Box::new(self.given_up()),
            unreachable,
        };
        Line::new(source, self.config.clone(), self.connect_timeout, hooks)
    }

    /// What is kept stands on what a connection tells.
    fn given_up(&self) -> impl Fn() + Send + Sync + use<> {
        let near = self.near.clone();
        move || {
            if let Some(near) = &near {
                near.forget_all();
            }
        }
    }

    /// What the URL asks for, and what a near cache needs.
    fn protocol(&self, settings: &redis::RedisConnectionInfo) -> ProtocolVersion {
        match self.near {
            Some(_) => ProtocolVersion::RESP3,
            None => settings.protocol(),
        }
    }

    #[cfg(feature = "cluster")]
    fn cluster(self, target: &crate::url::ClusterTarget) -> Link {
        use crate::link::cluster::{Cluster, Way};

        let target = target.clone();
        let seeds = target.at.clone();
        let way = Way {
            connect_timeout: self.connect_timeout,
            response_timeout: self.response_timeout,
            given_up: Box::new(self.given_up()),
            line: Box::new(move |at, unreachable| self.line_to(target.node(at), unreachable)),
        };
        Link::Cluster(Box::new(Cluster::new(seeds, way)))
    }

    #[cfg(feature = "sentinel")]
    fn sentinel(
        &self,
        target: &crate::url::SentinelTarget,
        first: usize,
    ) -> RedisResult<redis::sentinel::SentinelClient> {
        use redis::sentinel::{SentinelClientBuilder, SentinelServerType};

        let at = target.at.iter().map(|at| at.addr().clone());
        let mut at: Vec<_> = at.collect();
        at.rotate_left(first);
        let mut builder =
            SentinelClientBuilder::new(at, &target.service, SentinelServerType::Master)?;
        let master = target.master.redis_settings();
        builder = builder
            .set_client_to_redis_db(master.db())
            .set_client_to_redis_tcp_settings(at_once())
            .set_client_to_redis_protocol(self.protocol(master));
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

/// What is written goes out at once. Many small commands would otherwise wait for each other's
/// acknowledgements.
fn at_once() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}

/// rustls panics where nobody has chosen and more than one implementation is compiled in.
#[cfg(feature = "tls-rustls")]
fn choose_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody else may have been quicker, with the same right.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}
