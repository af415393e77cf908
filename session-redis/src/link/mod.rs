//! The ways to the server, which all look the same to whoever sends.

#[cfg(feature = "cluster")]
pub(crate) mod cluster;
pub(crate) mod line;
#[cfg(feature = "deadpool")]
pub(crate) mod pool;

use crate::error::is_demoted;
use redis::{Cmd, Pipeline, RedisError, RedisResult, Value};

/// A way to the server.
pub(crate) enum Link {
    Line(Box<line::Line>),
    #[cfg(feature = "cluster")]
    Cluster(Box<cluster::Cluster>),
    #[cfg(feature = "deadpool")]
    Pool(pool::PoolLink),
}

/// One of the servers that keys are on.
pub(crate) enum Server {
    Only,
    #[cfg(feature = "cluster")]
    Node((String, u16)),
}

/// What goes out together.
#[derive(Clone, Copy)]
pub(crate) enum Request<'a> {
    One(&'a Cmd),
    /// Two commands, the second for the server of the first one's key.
    Both(&'a Pipeline),
}

/// What came of a request that failed.
pub(crate) struct Failure {
    pub(crate) error: RedisError,
    /// Whether the server may have had it.
    pub(crate) sent: bool,
}

impl Failure {
    pub(crate) fn sent(error: RedisError) -> Self {
        Self { error, sent: true }
    }

    /// Whether another connection may do better. One that nothing came back on in time may be one that
    /// something between has dropped without a word: then nothing would ever come back.
    pub(crate) fn is_of_the_connection(&self) -> bool {
        let error = &self.error;
        error.is_io_error() || error.is_unrecoverable_error() || is_demoted(error)
    }

    pub(crate) fn not_sent(error: RedisError) -> Self {
        Self { error, sent: false }
    }
}

impl Link {
    /// An answer for each command.
    pub(crate) async fn send(&self, request: Request<'_>) -> Result<Vec<Value>, Failure> {
        match self {
            Self::Line(line) => line.send(request).await,
            #[cfg(feature = "cluster")]
            Self::Cluster(cluster) => cluster.send(request).await,
            #[cfg(feature = "deadpool")]
            Self::Pool(pool) => pool.send(request).await,
        }
    }

    /// Each server that has some of the keys.
    pub(crate) async fn servers(&self) -> RedisResult<Vec<Server>> {
        #[cfg(feature = "cluster")]
        if let Some(connection) = self.cluster().await {
            let masters = cluster::masters(&mut connection?).await?;
            return Ok(masters.into_iter().map(Server::Node).collect());
        }
        Ok(vec![Server::Only])
    }

    /// What this server answers.
    pub(crate) async fn send_to(&self, server: &Server, cmd: Cmd) -> RedisResult<Option<Value>> {
        match server {
            Server::Only => {
                let sent = self.send(Request::One(&cmd)).await;
                Ok(sent.map_err(|failure| failure.error)?.pop())
            }
            #[cfg(feature = "cluster")]
            Server::Node(node) => match self.cluster().await {
                Some(connection) => {
                    let answer = cluster::send_to(&mut connection?, node, cmd).await?;
                    Ok(Some(answer))
                }
                None => Ok(None),
            },
        }
    }

    #[cfg(feature = "cluster")]
    async fn cluster(&self) -> Option<RedisResult<redis::cluster_async::ClusterConnection>> {
        match self {
            Self::Line(_) => None,
            Self::Cluster(cluster) => Some(cluster.connection().await),
            #[cfg(feature = "deadpool")]
            Self::Pool(pool) => pool.cluster().await,
        }
    }

    /// Whether keys are on several nodes.
    pub(crate) fn is_cluster(&self) -> bool {
        match self {
            Self::Line(_) => false,
            #[cfg(feature = "cluster")]
            Self::Cluster(_) => true,
            #[cfg(feature = "deadpool")]
            Self::Pool(pool) => pool.is_cluster(),
        }
    }
}

pub(crate) fn no_connection_in_time() -> RedisError {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "no connection in time").into()
}
