use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{
    Cmd, ErrorKind, RedisError, RedisResult, Value,
    aio::ConnectionLike as _,
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
    cluster_routing::{RoutingInfo, SingleNodeRoutingInfo},
};
use tokio::{
    sync::{Mutex as AsyncMutex, OnceCell},
    time::{sleep, timeout},
};

use super::{Failure, Request, no_connection_in_time};

/// A connection to each node of a cluster, which all operations share. The driver finds the node of a key, and
/// the new one when it has moved; but not when a node that answers nothing more has been replaced, so
/// then all connections are made again.
pub(crate) struct Cluster(Arc<Inner>);

struct Inner {
    client: ClusterClient,
    connect_timeout: Duration,
    current: OnceCell<Mutex<Current>>,
    /// Held by whoever makes another one.
    renewal: Arc<AsyncMutex<()>>,
    /// Called when there is another one.
    renewed: Box<dyn Fn() + Send + Sync>,
}

#[derive(Clone)]
struct Current {
    number: u64,
    connection: ClusterConnection,
}

impl Cluster {
    pub(crate) fn new(
        client: ClusterClient,
        connect_timeout: Duration,
        renewed: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            client,
            connect_timeout,
            current: OnceCell::new(),
            renewal: Arc::default(),
            renewed: Box::new(renewed),
        }))
    }

    pub(crate) async fn send(&self, request: Request<'_>) -> Result<Vec<Value>, Failure> {
        let current = self.current().await.map_err(Failure::not_sent)?;
        let mut connection = current.connection;
        send(&mut connection, request).await.map_err(|error| {
            if error.is_timeout() {
                self.renew(current.number);
            }
            Failure::sent(error)
        })
    }

    /// Its own handle.
    pub(crate) async fn connection(&self) -> RedisResult<ClusterConnection> {
        Ok(self.current().await?.connection)
    }

    async fn current(&self) -> RedisResult<Current> {
        let first = self.0.current.get_or_try_init(async || {
            let connection = self.0.client.get_async_connection().await?;
            RedisResult::Ok(Mutex::new(Current {
                number: 0,
                connection,
            }))
        });
        match timeout(self.0.connect_timeout, first).await {
            Ok(current) => Ok(lock(current?).clone()),
            Err(_) => Err(no_connection_in_time()),
        }
    }

    /// Makes another one, while the nodes that do answer are asked over this one. Not more often than a
    /// connection may take.
    fn renew(&self, number: u64) {
        let inner = Arc::clone(&self.0);
        let Ok(renewal) = Arc::clone(&inner.renewal).try_lock_owned() else {
            return;
        };
        let is_current = |current| lock(current).number == number;
        if !inner.current.get().is_some_and(is_current) {
            return;
        }
        tokio::spawn(async move {
            let pause = sleep(inner.connect_timeout);
            let made = timeout(
                2 * inner.connect_timeout,
                inner.client.get_async_connection(),
            );
            if let (Ok(Ok(connection)), Some(current)) = (made.await, inner.current.get()) {
                let number = number + 1;
                *lock(current) = Current { number, connection };
                (inner.renewed)();
            }
            pause.await;
            drop(renewal);
        });
    }
}

fn lock(current: &Mutex<Current>) -> MutexGuard<'_, Current> {
    current.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) async fn send(
    connection: &mut ClusterConnection,
    request: Request<'_>,
) -> RedisResult<Vec<Value>> {
    match request {
        Request::One(cmd) => {
            let answer = connection.req_packed_command(cmd).await;
            answer?.extract_error().map(|value| vec![value])
        }
        Request::Both(pipeline) => connection.req_packed_commands(pipeline, 0, 2).await,
    }
}

/// The masters, each as it is reached.
pub(super) async fn masters(connection: &mut ClusterConnection) -> RedisResult<Vec<(String, u16)>> {
    let mut cmd = redis::cmd("CLUSTER");
    cmd.arg("SLOTS");
    let anyone = RoutingInfo::SingleNode(SingleNodeRoutingInfo::Random);
    let slots = connection
        .route_command(cmd, anyone)
        .await?
        .extract_error()?;
    let found = read_masters(slots).ok_or_else(|| {
        RedisError::from((
            ErrorKind::UnexpectedReturnType,
            "CLUSTER SLOTS is not understood",
        ))
    })?;
    Ok(found.into_iter().collect())
}

/// Ranges of slots: the first, the last, and then the master with its host, its port and more.
fn read_masters(slots: Value) -> Option<BTreeSet<(String, u16)>> {
    let Value::Array(ranges) = slots else {
        return None;
    };
    let of = |range: Value| {
        let Value::Array(range) = range else {
            return None;
        };
        let Value::Array(master) = range.into_iter().nth(2)? else {
            return None;
        };
        let mut master = master.into_iter();
        let host = match master.next()? {
            Value::BulkString(host) => String::from_utf8(host).ok()?,
            Value::SimpleString(host) => host,
            _ => return None,
        };
        match master.next()? {
            Value::Int(port) => Some((host, u16::try_from(port).ok()?)),
            _ => None,
        }
    };
    ranges.into_iter().map(of).collect()
}

pub(super) async fn send_to(
    connection: &mut ClusterConnection,
    (host, port): &(String, u16),
    cmd: Cmd,
) -> RedisResult<Value> {
    let node = SingleNodeRoutingInfo::ByAddress {
        host: host.clone(),
        port: *port,
    };
    let answer = connection.route_command(cmd, RoutingInfo::SingleNode(node));
    answer.await?.extract_error()
}
