//! The ways to the server, which all look the same to whoever sends.

#[cfg(feature = "cluster")]
pub(crate) mod cluster;
mod joint;
pub(crate) mod line;
#[cfg(feature = "deadpool")]
pub(crate) mod pool;
#[cfg(all(feature = "cluster", feature = "deadpool"))]
mod pooled;
pub(crate) mod source;

#[cfg(feature = "cluster")]
use std::sync::Arc;

use crate::error::{is_demoted, is_loss};
use redis::{Cmd, Pipeline, RedisError, RedisResult, Value, aio::ConnectionLike};

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
    Node(Arc<cluster::Node>),
    /// Reached over a pool.
    #[cfg(all(feature = "cluster", feature = "deadpool"))]
    Pooled(cluster::Address),
}

/// What goes out together.
#[derive(Clone, Copy)]
pub(crate) enum Request<'a> {
    One(&'a Cmd),
    /// Commands with the same key, or none.
    Several(&'a Pipeline),
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

    /// Whether its answer was lost along with the connection.
    pub(crate) fn is_lost(&self) -> bool {
        self.sent && is_loss(&self.error)
    }

    pub(crate) fn not_sent(error: RedisError) -> Self {
        Self { error, sent: false }
    }
}

impl Link {
    /// An answer for each command, from the server that has this key.
    pub(crate) async fn send(
        &self,
        key: &[u8],
        request: Request<'_>,
    ) -> Result<Vec<Value>, Failure> {
        // Elsewhere one server has them all.
        let _ = key;
        match self {
            Self::Line(line) => line.send(request).await,
            #[cfg(feature = "cluster")]
            Self::Cluster(cluster) => cluster.send(key, request).await,
            #[cfg(feature = "deadpool")]
            Self::Pool(pool) => pool.send(request).await,
        }
    }

    /// Each server that has some of the keys.
    pub(crate) async fn servers(&self) -> RedisResult<Vec<Server>> {
        match self {
            #[cfg(feature = "cluster")]
            Self::Cluster(cluster) => {
                let masters = cluster.masters().await?;
                Ok(masters.into_iter().map(Server::Node).collect())
            }
            #[cfg(all(feature = "cluster", feature = "deadpool"))]
            Self::Pool(pool) if pool.is_cluster() => {
                let masters = pool.masters().await?;
                Ok(masters.into_iter().map(Server::Pooled).collect())
            }
            _ => Ok(vec![Server::Only]),
        }
    }

    /// What this server answers.
    pub(crate) async fn send_to(&self, server: &Server, cmd: Cmd) -> RedisResult<Option<Value>> {
        let answers = match (self, server) {
            #[cfg(feature = "cluster")]
            (Self::Cluster(cluster), Server::Node(node)) => cluster.send_to(node, &cmd).await,
            #[cfg(all(feature = "cluster", feature = "deadpool"))]
            (Self::Pool(pool), Server::Pooled(node)) => {
                return pool.send_to(node, cmd).await.map(Some);
            }
            _ => self.send(b"", Request::One(&cmd)).await,
        };
        Ok(answers.map_err(|failure| failure.error)?.pop())
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

/// An answer for each command. If it does not take commands any more, that is an error, wherever it says so.
async fn send_on(
    connection: &mut impl ConnectionLike,
    request: Request<'_>,
) -> RedisResult<Vec<Value>> {
    match request {
        Request::One(cmd) => {
            let answer = connection.req_packed_command(cmd).await?;
            Ok(vec![answer.extract_error()?])
        }
        Request::Several(pipeline) => {
            let count = pipeline.len();
            let answers = connection.req_packed_commands(pipeline, 0, count).await?;
            for answer in &answers {
                if let Value::ServerError(_) = answer
                    && let Err(error) = answer.clone().extract_error()
                    && is_demoted(&error)
                {
                    return Err(error);
                }
            }
            Ok(answers)
        }
    }
}

pub(crate) fn no_connection_in_time() -> RedisError {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "no connection in time").into()
}
