use redis::{ErrorKind, RedisError, ServerErrorKind};
use session_core::{Operation, StoreError, StoreErrorKind};

/// Names the operation that failed and sorts the driver's error into a kind.
pub(crate) fn store_error(operation: Operation, error: RedisError) -> StoreError {
    let kind = kind(&error);
    // A server that does not know a command repeats what it was sent along with it.
    let repeats = error
        .detail()
        .is_some_and(|text| text.contains("with args beginning"));
    let error = if repeats {
        RedisError::from((ErrorKind::Client, "the server does not know a command"))
    } else {
        error
    };
    StoreError::new(kind, operation).with_source(error)
}

/// What a node of a cluster says where it is taken for a server that has all keys.
#[derive(Debug, thiserror::Error)]
#[error(
    "the server is a node of a cluster: open it as redis+cluster:// (feature `cluster`), or with a pool of a cluster"
)]
struct NodeOfCluster(#[source] RedisError);

/// The error of a store that knows of one server only.
pub(crate) fn store_error_of_one(operation: Operation, error: RedisError) -> StoreError {
    let elsewhere = matches!(
        error.kind(),
        ErrorKind::Server(
            ServerErrorKind::Moved | ServerErrorKind::Ask | ServerErrorKind::CrossSlot
        )
    );
    // A script that reaches for a key that the node does not have.
    let reaches = error
        .detail()
        .is_some_and(|text| text.contains("non local key"));
    if elsewhere || reaches {
        let error = NodeOfCluster(error);
        return StoreError::new(StoreErrorKind::Unavailable, operation).with_source(error);
    }
    store_error(operation, error)
}

fn kind(error: &RedisError) -> StoreErrorKind {
    if error.is_timeout() {
        return StoreErrorKind::Timeout;
    }
    match error.kind() {
        // No answer, or none yet: loading, a cluster without a master, no permission.
        ErrorKind::Io
        | ErrorKind::AuthenticationFailed
        | ErrorKind::MasterNameNotFoundBySentinel
        | ErrorKind::NoValidReplicasFoundBySentinel
        | ErrorKind::ClusterConnectionNotFound => StoreErrorKind::Unavailable,
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::NoScript
            | ServerErrorKind::Moved
            | ServerErrorKind::Ask
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ReadOnly
            | ServerErrorKind::NoPerm,
        ) => StoreErrorKind::Unavailable,
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => StoreErrorKind::Corrupt,
        _ => by_code(error),
    }
}

/// What the driver has no name for. Servers before 7.0 wrap an error that a script met into one of their own.
fn by_code(error: &RedisError) -> StoreErrorKind {
    let is = |code: &str| {
        error.code() == Some(code) || error.detail().is_some_and(|text| text.contains(code))
    };
    if ["WRONGTYPE", "LAYOUT"].into_iter().any(is) {
        return StoreErrorKind::Corrupt;
    }
    let refused = [
        "OOM",
        "MISCONF",
        "NOREPLICAS",
        "NOAUTH",
        "WRONGPASS",
        "NOPERM",
        "READONLY",
        "BUSY",
        // A user who may run scripts and not what they call, or not touch the keys.
        "The user executing the script",
        "no permissions",
    ];
    if refused.into_iter().any(is) {
        return StoreErrorKind::Unavailable;
    }
    StoreErrorKind::Other
}

/// Whether the answer, if there was one, is lost along with the connection.
pub(crate) fn is_loss(error: &RedisError) -> bool {
    !error.is_timeout() && (error.is_connection_dropped() || error.is_io_error())
}

/// Whether the server that answered is no longer the one to ask, and did nothing.
pub(crate) fn is_demoted(error: &RedisError) -> bool {
    let wrapped = error.detail().is_some_and(|text| text.contains("READONLY"));
    wrapped
        || matches!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown)
        )
}
