use std::{collections::BTreeSet, time::Duration};

use redis::{
    Cmd, ErrorKind, RedisError, RedisResult, Value,
    aio::ConnectionLike as _,
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
    cluster_routing::{RoutingInfo, SingleNodeRoutingInfo},
};
use tokio::{sync::OnceCell, time::timeout};

use super::{Failure, Request, no_connection_in_time};

/// A connection to each node of a cluster, which all operations share. The driver finds the node of a key, and
/// the new one when it has moved.
pub(crate) struct Cluster {
    client: ClusterClient,
    connect_timeout: Duration,
    connection: OnceCell<ClusterConnection>,
}

impl Cluster {
    pub(crate) fn new(client: ClusterClient, connect_timeout: Duration) -> Self {
        Self {
            client,
            connect_timeout,
            connection: OnceCell::new(),
        }
    }

    pub(crate) async fn send(&self, request: Request<'_>) -> Result<Vec<Value>, Failure> {
        let mut connection = self.connection().await.map_err(Failure::not_sent)?;
        send(&mut connection, request).await.map_err(Failure::sent)
    }

    /// Its own handle.
    pub(crate) async fn connection(&self) -> RedisResult<ClusterConnection> {
        let connect = self
            .connection
            .get_or_try_init(|| self.client.get_async_connection());
        match timeout(self.connect_timeout, connect).await {
            Ok(connection) => connection.cloned(),
            Err(_) => Err(no_connection_in_time()),
        }
    }
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
