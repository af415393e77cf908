use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult, aio::MultiplexedConnection};
use tokio::{sync::Mutex as AsyncMutex, time::timeout};

use super::{Failure, Request, no_connection_in_time, send_on};

/// One connection that all operations share, each without waiting for the answers of others. Made when it is
/// first needed, and again when it has failed.
pub(crate) struct Line {
    source: AsyncMutex<Source>,
    config: AsyncConnectionConfig,
    connect_timeout: Duration,
    state: Mutex<State>,
    /// Called when a connection was given up: nothing more is heard over it.
    given_up: Box<dyn Fn() + Send + Sync>,
}

/// Where connections come from.
pub(crate) enum Source {
    Server(Box<Client>),
    /// The master may be another one each time. All ask the same sentinels, each another one first: the driver
    /// waits for a second for one that says nothing, however little time there is.
    #[cfg(feature = "sentinel")]
    Sentinel(std::collections::VecDeque<redis::sentinel::SentinelClient>),
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// How many attempts to connect there were, and how the last one failed.
    attempts: u64,
    failed: Option<RedisError>,
}

#[derive(Clone)]
struct Current {
    attempt: u64,
    connection: MultiplexedConnection,
}

impl Line {
    pub(crate) fn new(
        source: Source,
        config: AsyncConnectionConfig,
        connect_timeout: Duration,
        given_up: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            source: AsyncMutex::new(source),
            config,
            connect_timeout,
            state: Mutex::new(State::default()),
            given_up: Box::new(given_up),
        }
    }

    /// Sends, and gives the connection up for everybody if it has failed.
    pub(crate) async fn send(&self, request: Request<'_>) -> Result<Vec<redis::Value>, Failure> {
        let current = self.current().await.map_err(Failure::not_sent)?;
        let Current {
            attempt,
            mut connection,
        } = current;
        let answer = send_on(&mut connection, request).await;
        answer.map_err(|error| {
            let failure = Failure::sent(error);
            if failure.is_of_the_connection() {
                self.give_up(attempt);
            }
            failure
        })
    }

    async fn current(&self) -> RedisResult<Current> {
        let attempts = {
            let state = self.state();
            if let Some(current) = &state.current {
                return Ok(current.clone());
            }
            state.attempts
        };
        let source = self.source.lock();
        let Ok(mut source) = timeout(self.connect_timeout, source).await else {
            return Err(no_connection_in_time());
        };
        {
            let state = self.state();
            if let Some(current) = &state.current {
                return Ok(current.clone());
            }
            // Whoever waited for an attempt of somebody else shares how it went.
            if state.attempts > attempts
                && let Some(error) = &state.failed
            {
                return Err(error.clone());
            }
        }
        let made = timeout(self.connect_timeout, source.connect(&self.config)).await;
        let made = made.unwrap_or_else(|_| Err(no_connection_in_time()));
        let mut state = self.state();
        state.attempts += 1;
        match made {
            Ok(connection) => {
                let attempt = state.attempts;
                let current = Current {
                    attempt,
                    connection,
                };
                state.current = Some(current.clone());
                state.failed = None;
                Ok(current)
            }
            Err(error) => {
                source.try_another();
                state.failed = Some(error.clone());
                Err(error)
            }
        }
    }

    /// The next one who needs a connection makes another one.
    fn give_up(&self, attempt: u64) {
        let is_current = |current: &mut Current| current.attempt == attempt;
        let given_up = self.state().current.take_if(is_current);
        if given_up.is_some() {
            (self.given_up)();
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    async fn connect(
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
                None => Err(no_connection_in_time()),
            },
        }
    }

    /// The last attempt failed.
    fn try_another(&mut self) {
        match self {
            Self::Server(_) => {}
            #[cfg(feature = "sentinel")]
            Self::Sentinel(clients) => clients.rotate_left(1.min(clients.len())),
        }
    }
}
