use std::collections::BTreeMap;

use session_redis::redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, InfoDict, RedisResult,
    aio::MultiplexedConnection,
};

/// A connection of whoever may do anything.
pub(crate) struct Admin(MultiplexedConnection);

impl Admin {
    pub(crate) async fn of(url: &str) -> Self {
        let client = Client::open(url).unwrap();
        // It also waits for what takes long.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let connection = client.get_multiplexed_async_connection_with_config(&config);
        Self(connection.await.unwrap())
    }

    /// Runs a command of these words.
    pub(crate) async fn run<T: FromRedisValue>(&mut self, words: &[&str]) -> T {
        let mut cmd = Cmd::new();
        for word in words {
            cmd.arg(*word);
        }
        cmd.query_async(&mut self.0).await.unwrap()
    }

    pub(crate) async fn query<T: FromRedisValue>(&mut self, cmd: &Cmd) -> T {
        cmd.query_async(&mut self.0).await.unwrap()
    }

    pub(crate) async fn try_query(&mut self, cmd: &Cmd) -> RedisResult<()> {
        cmd.query_async(&mut self.0).await
    }

    /// How often each command was called since the server began to count.
    pub(crate) async fn calls(&mut self) -> BTreeMap<String, u64> {
        let text: String = self.run(&["INFO", "commandstats"]).await;
        let lines = text.lines().filter_map(|line| {
            let (name, numbers) = line.strip_prefix("cmdstat_")?.split_once(':')?;
            let calls = numbers.strip_prefix("calls=")?.split(',').next()?;
            Some((name.to_owned(), calls.parse().ok()?))
        });
        lines.collect()
    }

    /// A number that `INFO` tells.
    pub(crate) async fn info(&mut self, section: &str, name: &str) -> u64 {
        let info: InfoDict = self.run(&["INFO", section]).await;
        info.get(name).unwrap()
    }
}
