use redis::{AsyncConnectionConfig, Client, RedisResult, aio::MultiplexedConnection};

/// Where connections come from.
pub(crate) enum Source {
    Server(Box<Client>),
    /// The master may be another one each time. All ask the same sentinels, each another one first: the driver
    /// waits for a second for one that says nothing, however little time there is.
    #[cfg(feature = "sentinel")]
    Sentinel(std::collections::VecDeque<redis::sentinel::SentinelClient>),
}

impl Source {
    pub(super) async fn connect(
        &mut self,
        config: &AsyncConnectionConfig,
    ) -> RedisResult<MultiplexedConnection> {
        match self {
            Self::Server(client) => {
                client
                    .get_multiplexed_async_connection_with_config(config)
                    .await
            }
            #[cfg(feature = "sentinel")]
            Self::Sentinel(clients) => match clients.front_mut() {
                Some(client) => client.get_async_connection_with_config(config).await,
                None => Err(super::no_connection_in_time()),
            },
        }
    }

    /// The last attempt failed.
    pub(super) fn try_another(&mut self) {
        match self {
            Self::Server(_) => {}
            #[cfg(feature = "sentinel")]
            Self::Sentinel(clients) => clients.rotate_left(1.min(clients.len())),
        }
    }
}
