//! What the driver's own connection to a cluster, as pools keep it, is asked for its nodes.

use redis::{
    Cmd, ErrorKind, RedisError, RedisResult, Value,
    cluster_async::ClusterConnection,
    cluster_routing::{RoutingInfo, SingleNodeRoutingInfo},
};

use super::cluster::{Address, Slots};

/// The masters, each as it is reached.
pub(super) async fn masters(connection: &mut ClusterConnection) -> RedisResult<Vec<Address>> {
    let mut cmd = redis::cmd("CLUSTER");
    cmd.arg("SLOTS");
    let anyone = RoutingInfo::SingleNode(SingleNodeRoutingInfo::Random);
    let slots = connection
        .route_command(cmd, anyone)
        .await?
        .extract_error()?;
    // The driver does not say whom it asked, so a host that the node leaves out stays unknown.
    let found = Slots::read(slots, "").ok_or_else(|| {
        RedisError::from((
            ErrorKind::UnexpectedReturnType,
            "CLUSTER SLOTS is not understood",
        ))
    })?;
    Ok(found.masters().into_iter().collect())
}

pub(super) async fn send_to(
    connection: &mut ClusterConnection,
    (host, port): &Address,
    cmd: Cmd,
) -> RedisResult<Value> {
    let node = SingleNodeRoutingInfo::ByAddress {
        host: host.clone(),
        port: *port,
    };
    let answer = connection.route_command(cmd, RoutingInfo::SingleNode(node));
    answer.await?.extract_error()
}
