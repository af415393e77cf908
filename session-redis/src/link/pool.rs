use std::{fmt, io, time::Duration};

use deadpool_redis::PoolError;
#[cfg(feature = "cluster")]
use redis::{Cmd, RedisResult, cluster_async::ClusterConnection};
use redis::{ErrorKind, RedisError, Value, aio::MultiplexedConnection};
use tokio::time::timeout;

use super::{Failure, Request, send_on};
#[cfg(feature = "cluster")]
use super::{cluster::Address, pooled};

/// A pool of yours, to one server or with the features of that name to a cluster or to the master that
/// Sentinel names.
#[derive(Clone)]
#[non_exhaustive]
pub enum RedisPool {
    /// Connections to one server.
    Server(deadpool_redis::Pool),
    /// Connections to a cluster.
    #[cfg(feature = "cluster")]
    Cluster(deadpool_redis::cluster::Pool),
    /// Connections to the master that Sentinel names.
    #[cfg(feature = "sentinel")]
    Sentinel(deadpool_redis::sentinel::Pool),
}

impl From<deadpool_redis::Pool> for RedisPool {
    fn from(pool: deadpool_redis::Pool) -> Self {
        Self::Server(pool)
    }
}

#[cfg(feature = "cluster")]
impl From<deadpool_redis::cluster::Pool> for RedisPool {
    fn from(pool: deadpool_redis::cluster::Pool) -> Self {
        Self::Cluster(pool)
    }
}

#[cfg(feature = "sentinel")]
impl From<deadpool_redis::sentinel::Pool> for RedisPool {
    fn from(pool: deadpool_redis::sentinel::Pool) -> Self {
        Self::Sentinel(pool)
    }
}

impl fmt::Debug for RedisPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisPool").finish_non_exhaustive()
    }
}

/// A connection of the pool for each operation. The pool asks the server whether it lives before it hands it
/// out.
pub(crate) struct PoolLink {
    pool: RedisPool,
    wait: Duration,
    response: Duration,
}

impl PoolLink {
    pub(crate) fn new(pool: RedisPool, wait: Duration, response: Duration) -> Self {
        Self {
            pool,
            wait,
            response,
        }
    }

    pub(crate) fn is_cluster(&self) -> bool {
        match &self.pool {
            #[cfg(feature = "cluster")]
            RedisPool::Cluster(_) => true,
            _ => false,
        }
    }

    pub(crate) async fn send(&self, request: Request<'_>) -> Result<Vec<Value>, Failure> {
        match &self.pool {
            RedisPool::Server(pool) => {
                let connection = self.take(pool.get()).await?;
                let answer = self.send_over(&connection, request).await;
                if answer.as_ref().is_err_and(Failure::is_of_the_connection) {
                    drop(deadpool_redis::Connection::take(connection));
                }
                answer
            }
            #[cfg(feature = "cluster")]
            RedisPool::Cluster(pool) => {
                let mut connection = self.take(pool.get()).await?;
                let answer = send_on(&mut *connection, request);
                let answer = timeout(self.response, answer).await;
                let answer = answer.unwrap_or_else(|_| Err(timed_out("no answer in time")));
                let answer = answer.map_err(Failure::sent);
                if answer.as_ref().is_err_and(Failure::is_of_the_connection) {
                    drop(deadpool_redis::cluster::Connection::take(connection));
                }
                answer
            }
            #[cfg(feature = "sentinel")]
            RedisPool::Sentinel(pool) => {
                let connection = self.take(pool.get()).await?;
                let answer = self.send_over(&connection, request).await;
                if answer.as_ref().is_err_and(Failure::is_of_the_connection) {
                    drop(deadpool_redis::sentinel::Connection::take(connection));
                }
                answer
            }
        }
    }

    /// Each master of the cluster.
    #[cfg(feature = "cluster")]
    pub(crate) async fn masters(&self) -> RedisResult<Vec<Address>> {
        match self.cluster().await? {
            Some(mut connection) => pooled::masters(&mut connection).await,
            None => Ok(Vec::new()),
        }
    }

    /// What this master of the cluster answers.
    #[cfg(feature = "cluster")]
    pub(crate) async fn send_to(&self, node: &Address, cmd: Cmd) -> RedisResult<Value> {
        match self.cluster().await? {
            Some(mut connection) => pooled::send_to(&mut connection, node, cmd).await,
            None => Ok(Value::Nil),
        }
    }

    #[cfg(feature = "cluster")]
    async fn cluster(&self) -> RedisResult<Option<ClusterConnection>> {
        let RedisPool::Cluster(pool) = &self.pool else {
            return Ok(None);
        };
        let connection = self.take(pool.get()).await;
        let connection = connection.map_err(|failure| failure.error)?;
        // A handle of its own on the same connections, so that the pool has this one back.
        Ok(Some((*connection).clone()))
    }

    /// A connection, which the pool makes or finds to be alive.
    async fn take<C>(&self, get: impl Future<Output = Result<C, PoolError>>) -> Result<C, Failure> {
        let error = match timeout(self.wait, get).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(PoolError::Backend(error))) => error,
            Ok(Err(PoolError::Timeout(_))) | Err(_) => {
                timed_out("no connection of the pool in time")
            }
            Ok(Err(PoolError::Closed)) => closed(),
            Ok(Err(_)) => (ErrorKind::InvalidClientConfig, "the pool is not usable").into(),
        };
        Err(Failure::not_sent(error))
    }

    async fn send_over(
        &self,
        connection: &MultiplexedConnection,
        request: Request<'_>,
    ) -> Result<Vec<Value>, Failure> {
        // A handle of its own on the same connection: the pool's would give up when the driver does by
        // default, after 500 ms, whatever the store was told.
        let mut connection = connection.clone();
        connection.set_response_timeout(self.response);
        let answer = send_on(&mut connection, request).await;
        answer.map_err(Failure::sent)
    }
}

fn closed() -> RedisError {
    io::Error::new(io::ErrorKind::NotConnected, "the pool is closed").into()
}

fn timed_out(what: &'static str) -> RedisError {
    io::Error::new(io::ErrorKind::TimedOut, what).into()
}
