use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{AsyncConnectionConfig, RedisResult, aio::MultiplexedConnection};
use tokio::time::timeout;

use super::{Failure, Request, joint::Joint, no_connection_in_time, send_on, source::Source};

/// One connection that all operations share, each without waiting for the answers of others. Made when it is
/// first needed, and again when it has failed.
pub(crate) struct Line {
    inner: Arc<Inner>,
}

struct Inner {
    source: Source,
    config: AsyncConnectionConfig,
    connect_timeout: Duration,
    state: Mutex<State>,
    hooks: Hooks,
}

/// Who is told of what.
pub(crate) struct Hooks {
    /// A connection was given up: nothing more is heard over it.
    pub(crate) given_up: Box<dyn Fn() + Send + Sync>,
    /// Somebody whose request waits for a connection has waited for long, or in vain.
    pub(crate) unreachable: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// How many connections there were.
    made: u64,
    attempt: Joint<RedisResult<Current>>,
    /// Whether a request waits for it.
    is_wanted: bool,
}

#[derive(Clone)]
struct Current {
    number: u64,
    connection: MultiplexedConnection,
}

/// On whose behalf something is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sender {
    Request,
    #[cfg(feature = "cluster")]
    Search,
}

impl Line {
    pub(crate) fn new(
        source: Source,
        config: AsyncConnectionConfig,
        connect_timeout: Duration,
        hooks: Hooks,
    ) -> Self {
        let inner = Arc::new(Inner {
            source,
            config,
            connect_timeout,
            state: Mutex::default(),
            hooks,
        });
        Self { inner }
    }

    /// Sends, and gives the connection up for everybody if it has failed.
    pub(crate) async fn send(&self, request: Request<'_>) -> Result<Vec<redis::Value>, Failure> {
        self.send_for(Sender::Request, request).await
    }

    /// The same, but nobody is told if it cannot be reached.
    #[cfg(feature = "cluster")]
    pub(crate) async fn search(&self, request: Request<'_>) -> Result<Vec<redis::Value>, Failure> {
        self.send_for(Sender::Search, request).await
    }

    async fn send_for(
        &self,
        sender: Sender,
        request: Request<'_>,
    ) -> Result<Vec<redis::Value>, Failure> {
        let current = self.current(sender).await.map_err(Failure::not_sent)?;
        let Current {
            number,
            mut connection,
        } = current;
        let answer = send_on(&mut connection, request).await;
        answer.map_err(|error| {
            let failure = Failure::sent(error);
            if failure.is_of_the_connection() {
                self.give_up(number);
            }
            failure
        })
    }

    async fn current(&self, sender: Sender) -> RedisResult<Current> {
        let attempt = {
            let mut state = self.inner.state();
            if let Some(current) = &state.current {
                return Ok(current.clone());
            }
            state.is_wanted |= sender == Sender::Request;
            state.attempt.join(|| {
                let inner = Arc::clone(&self.inner);
                async move { inner.connect().await }
            })
        };
        let made = attempt.outcome().await;
        made.unwrap_or_else(|| Err(no_connection_in_time()))
    }

    /// The next one who needs a connection makes another one.
    fn give_up(&self, number: u64) {
        let is_current = |current: &mut Current| current.number == number;
        let given_up = self.inner.state().current.take_if(is_current);
        if given_up.is_some() {
            (self.inner.hooks.given_up)();
        }
    }
}

impl Inner {
    async fn connect(&self) -> RedisResult<Current> {
        let made = self.connect_in_time().await;
        let mut state = self.state();
        // Or it would keep the connection open after that was given up.
        state.attempt = Joint::default();
        let was_wanted = std::mem::take(&mut state.is_wanted);
        match made {
            Ok(connection) => {
                state.made += 1;
                let number = state.made;
                let current = Current { number, connection };
                state.current = Some(current.clone());
                Ok(current)
            }
            Err(error) => {
                drop(state);
                if was_wanted {
                    (self.hooks.unreachable)();
                }
                Err(error)
            }
        }
    }

    async fn connect_in_time(&self) -> RedisResult<MultiplexedConnection> {
        let long = self.connect_timeout / 4;
        let mut attempt = pin!(self.source.connect(&self.config));
        let made = match timeout(long, &mut attempt).await {
            Ok(made) => made,
            Err(_) => {
                if self.state().is_wanted {
                    (self.hooks.unreachable)();
                }
                let rest = self.connect_timeout - long;
                let made = timeout(rest, attempt).await;
                made.unwrap_or_else(|_| Err(no_connection_in_time()))
            }
        };
        if made.is_err() {
            self.source.try_another();
        }
        made
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
