//! From options to a way to the server.

use std::time::Duration;

use redis::{AsyncConnectionConfig, ProtocolVersion, RedisResult, io::tcp::TcpSettings};

#[cfg(feature = "near-cache")]
use crate::near::Near;
use crate::{
    clock::Clock,
    link::{
        Link,
        line::{Line, Source},
    },
    names::Names,
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
            .map(|near| std::sync::Arc::new(Near::new(near, names.clone())));
        let link = |response, #[cfg(feature = "near-cache")] near| {
            self.link(
                response,
                #[cfg(feature = "near-cache")]
                near,
            )
        };
        let writer = self.replicas.map(|replicas| {
            link(
                self.response_timeout + replicas.patience,
                #[cfg(feature = "near-cache")]
                None,
            )
        });
        let link = link(
            self.response_timeout,
            #[cfg(feature = "near-cache")]
            near.clone(),
        )?;
        Ok(Shared {
            together: !link.is_cluster(),
            link,
            names,
            scripts: Scripts::new(),
            clock: Clock::new(),
            replicas: self.replicas,
            writer: writer.transpose()?,
            #[cfg(feature = "near-cache")]
            near,
        })
    }

    fn link(
        &self,
        response_timeout: Duration,
        #[cfg(feature = "near-cache")] near: Option<std::sync::Arc<Near>>,
    ) -> RedisResult<Link> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            .set_response_timeout(Some(response_timeout));
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
        // What is kept stands on what the connection tells.
        let given_up = move || {
            #[cfg(feature = "near-cache")]
            if let Some(near) = &near {
                near.forget_all();
            }
        };
        let connect_timeout = self.connect_timeout;
        let line = |source, given_up| {
            Link::Line(Box::new(Line::new(
                source,
                config,
                connect_timeout,
                given_up,
            )))
        };
        match &self.target {
            Target::Server(server) => {
                let mut server = server.clone().set_tcp_settings(at_once());
                if let Some(protocol) = protocol {
                    let settings = server.redis_settings().clone().set_protocol(protocol);
                    server = server.set_redis_settings(settings);
                }
                #[cfg(feature = "tls-rustls")]
                if let Some(certificates) = &self.certificates {
                    let client = redis::Client::build_with_tls(server, certificates.clone())?;
                    return Ok(line(Source::Server(Box::new(client)), given_up));
                }
                Ok(line(
                    Source::Server(Box::new(redis::Client::open(server)?)),
                    given_up,
                ))
            }
            #[cfg(feature = "cluster")]
            Target::Cluster(nodes) => {
                let mut builder = redis::cluster::ClusterClientBuilder::new(nodes.clone())
                    // The driver waits for the slowest node before and after it asks for the slots, and one that
                    // hangs must not keep it from the others.
                    .connection_timeout(self.connect_timeout / 3)
                    .response_timeout(response_timeout)
                    .tcp_settings(at_once());
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
                let client = builder.build()?;
                let cluster =
                    crate::link::cluster::Cluster::new(client, self.connect_timeout, given_up);
                Ok(Link::Cluster(Box::new(cluster)))
            }
            #[cfg(feature = "sentinel")]
            Target::Sentinel(sentinel) => {
                let client = self.sentinel(sentinel, protocol)?;
                Ok(line(Source::Sentinel(Box::new(client)), given_up))
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
            .set_client_to_redis_tcp_settings(at_once())
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
