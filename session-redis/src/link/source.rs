#[cfg(feature = "sentinel")]
use std::sync::atomic::{AtomicUsize, Ordering};

use redis::{AsyncConnectionConfig, Client, RedisResult, aio::MultiplexedConnection};

/// Where connections come from.
pub(crate) enum Source {
    Server(Box<Client>),
    #[cfg(feature = "sentinel")]
    Sentinel(Sentinels),
}

/// The master may be another one each time.
#[cfg(feature = "sentinel")]
pub(crate) struct Sentinels {
    /// Makes a client that asks this one of them first. The driver waits for a second for one that says nothing,
    /// however little time there is.
    pub(crate) client:
        Box<dyn Fn(usize) -> RedisResult<redis::sentinel::SentinelClient> + Send + Sync>,
    /// How many there are.
    pub(crate) count: usize,
    /// How many attempts have failed.
    pub(crate) failed: AtomicUsize,
}

impl Source {
    pub(super) async fn connect(
        &self,
        config: &AsyncConnectionConfig,
    ) -> RedisResult<MultiplexedConnection> {
        match self {
            Self::Server(client) => {
                client
                    .get_multiplexed_async_connection_with_config(config)
                    .await
            }
            #[cfg(feature = "sentinel")]
            Self::Sentinel(sentinels) => {
                let first = sentinels.failed.load(Ordering::Relaxed) % sentinels.count.max(1);
                let mut client = (sentinels.client)(first)?;
                client.get_async_connection_with_config(config).await
            }
        }
    }

    /// The last attempt failed.
    pub(super) fn try_another(&self) {
        match self {
            Self::Server(_) => {}
            #[cfg(feature = "sentinel")]
            Self::Sentinel(sentinels) => {
                sentinels.failed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}
