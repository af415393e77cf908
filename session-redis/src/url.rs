#[cfg(any(feature = "cluster", feature = "tls-rustls"))]
use redis::ConnectionAddr;
use redis::{ConnectionInfo, ErrorKind, IntoConnectionInfo as _, RedisError, RedisResult};

/// What a URL leads to.
#[derive(Clone)]
pub(crate) enum Target {
    Server(ConnectionInfo),
    #[cfg(feature = "cluster")]
    Cluster(ClusterTarget),
    #[cfg(feature = "sentinel")]
    Sentinel(SentinelTarget),
}

#[derive(Clone)]
#[cfg(feature = "cluster")]
pub(crate) struct ClusterTarget {
    /// Some of its nodes.
    pub(crate) at: Vec<(String, u16)>,
    /// How to connect to one and log in.
    like: ConnectionInfo,
}

#[cfg(feature = "cluster")]
impl ClusterTarget {
    fn new(nodes: &[ConnectionInfo]) -> RedisResult<Self> {
        let at = |node: &ConnectionInfo| match node.addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                Some((host.clone(), *port))
            }
            _ => None,
        };
        let (like, at) = nodes
            .first()
            .zip(nodes.iter().map(at).collect())
            .ok_or_else(not_a_url)?;
        let like = like.clone();
        Ok(Self { at, like })
    }

    /// How to connect to the node at this host and port.
    pub(crate) fn node(&self, (host, port): &(String, u16)) -> ConnectionInfo {
        let (host, port) = (host.clone(), *port);
        let at = match self.like.addr().clone() {
            ConnectionAddr::TcpTls {
                insecure,
                tls_params,
                ..
            } => ConnectionAddr::TcpTls {
                host,
                port,
                insecure,
                tls_params,
            },
            _ => ConnectionAddr::Tcp(host, port),
        };
        self.like.clone().set_addr(at)
    }
}

#[derive(Clone)]
#[cfg(feature = "sentinel")]
pub(crate) struct SentinelTarget {
    /// Of the sentinels.
    pub(crate) at: Vec<ConnectionInfo>,
    pub(crate) service: String,
    /// How to log in to the master, and which database; its address is a placeholder.
    pub(crate) master: ConnectionInfo,
}

#[cfg(feature = "tls-rustls")]
impl Target {
    pub(crate) fn is_encrypted(&self) -> bool {
        let is = |at: &ConnectionInfo| matches!(at.addr(), ConnectionAddr::TcpTls { .. });
        match self {
            Self::Server(server) => is(server),
            #[cfg(feature = "cluster")]
            Self::Cluster(cluster) => is(&cluster.like),
            #[cfg(feature = "sentinel")]
            Self::Sentinel(sentinel) => is(&sentinel.master),
        }
    }
}

pub(crate) fn parse(url: &str) -> RedisResult<Target> {
    let (scheme, rest) = url.split_once("://").ok_or_else(not_a_url)?;
    if rest.contains('#') {
        // The driver would take `#insecure` for leave to verify no certificate.
        let what =
            "a # in a user or a password has to be percent-encoded, and there is no fragment";
        return Err((ErrorKind::InvalidClientConfig, what).into());
    }
    match scheme {
        "redis" | "rediss" | "valkey" | "valkeys" | "redis+unix" | "valkey+unix" | "unix" => {
            url.into_connection_info().map(Target::Server)
        }
        #[cfg(feature = "cluster")]
        "redis+cluster" | "rediss+cluster" => {
            let Parts { user, hosts, path } = parts(rest);
            if !matches!(path.split('?').next(), Some("" | "/" | "/0")) {
                let what = "a cluster has no database number but 0";
                return Err((ErrorKind::InvalidClientConfig, what).into());
            }
            let one =
                |host| format!("{}://{user}{host}{path}", plain(scheme)).into_connection_info();
            let nodes = hosts.split(',').map(one);
            let nodes = nodes.collect::<RedisResult<Vec<_>>>()?;
            ClusterTarget::new(&nodes).map(Target::Cluster)
        }
        #[cfg(feature = "sentinel")]
        "redis+sentinel" | "rediss+sentinel" => {
            let Parts { user, hosts, path } = parts(rest);
            let scheme = plain(scheme);
            let one = |host: &str| {
                let has_port = host.rsplit(']').next().is_some_and(|end| end.contains(':'));
                let port = if has_port { "" } else { ":26379" };
                format!("{scheme}://{host}{port}").into_connection_info()
            };
            let (path, query) = path.split_once('?').unwrap_or((path, ""));
            let mut segments = path.trim_start_matches('/').splitn(2, '/');
            let service = segments.next().filter(|service| !service.is_empty());
            let database = segments.next().unwrap_or("0");
            let master = format!("{scheme}://{user}placeholder:1/{database}?{query}");
            Ok(Target::Sentinel(SentinelTarget {
                at: hosts.split(',').map(one).collect::<RedisResult<_>>()?,
                service: service.ok_or_else(no_service)?.to_owned(),
                master: master.into_connection_info()?,
            }))
        }
        _ => Err(not_a_url()),
    }
}

#[cfg(any(feature = "cluster", feature = "sentinel"))]
struct Parts<'a> {
    /// With the `@` after it.
    user: &'a str,
    hosts: &'a str,
    /// With the `/` or `?` before it.
    path: &'a str,
}

#[cfg(any(feature = "cluster", feature = "sentinel"))]
fn parts(rest: &str) -> Parts<'_> {
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let at = authority.rfind('@').map_or(0, |at| at + 1);
    let (user, hosts) = authority.split_at(at);
    Parts { user, hosts, path }
}

#[cfg(any(feature = "cluster", feature = "sentinel"))]
fn plain(scheme: &str) -> &str {
    scheme.split('+').next().unwrap_or(scheme)
}

#[cfg(feature = "sentinel")]
fn no_service() -> RedisError {
    let what = "the URL names no service: redis+sentinel://host,host/service";
    (ErrorKind::InvalidClientConfig, what).into()
}

fn not_a_url() -> RedisError {
    let what = "not redis://, rediss://, or with its feature redis+cluster:// or redis+sentinel://";
    (ErrorKind::InvalidClientConfig, what).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_shows_no_password() {
        for url in [
            "me:s3cret@host",
            "http://me:s3cret@host",
            "redis://me:s3cret@host:port",
            "redis://me:s3cret@host/database",
            // Leave to verify no certificate.
            "rediss://me:s3cret@host/#insecure",
            "redis+cluster://me:s3cret@host:1,host:2/3",
            "redis+sentinel://me:s3cret@host:1",
        ] {
            let Err(error) = parse(url) else {
                panic!("{url}")
            };
            assert!(
                !format!("{error:?} {error}").contains("s3cret"),
                "{error:?}"
            );
        }
    }

    #[test]
    #[cfg(all(feature = "cluster", feature = "sentinel"))]
    fn each_host_is_one() {
        let url = "redis+cluster://me:s3cret@a:1,b:2,[::1]:3?protocol=resp3";
        let Ok(Target::Cluster(target)) = parse(url) else {
            panic!("a cluster")
        };
        let at = |host: &str, port| (host.to_owned(), port);
        assert_eq!(target.at, [at("a", 1), at("b", 2), at("::1", 3)]);
        let another = target.node(&at("c", 4));
        assert_eq!(another.addr().to_string(), "c:4");
        let settings = another.redis_settings();
        assert_eq!(settings.username(), Some("me"));
        assert_eq!(settings.protocol(), redis::ProtocolVersion::RESP3);

        let url = "redis+sentinel://me:s3cret@a:1,b/shop/2?protocol=resp3";
        let Ok(Target::Sentinel(target)) = parse(url) else {
            panic!("sentinels")
        };
        let at: Vec<_> = target.at.iter().map(|at| at.addr().to_string()).collect();
        assert_eq!(at, ["a:1", "b:26379"]);
        assert_eq!(
            (target.service.as_str(), target.master.redis_settings().db()),
            ("shop", 2)
        );
    }
}
