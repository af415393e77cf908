//! Running a statement again: what a database asks for, and what a dead connection allows.

use std::{fmt::Debug, time::Duration};

use futures_util::future::join_all;
use session_core::{Operation, StoreError, Version};
use sqlx::{Connection as _, Database, Error, Pool, error::DatabaseError};

use crate::{error::store_error, finish::to_its_end};

/// How often a statement is run again that the database rolled back for the sake of others.
const CONTENTION_RETRIES: u32 = 20;
/// The longest pause before that.
const LONGEST_PAUSE: u64 = 32;
/// How long an idle connection has for showing that it lives, after another one was found dead.
const PING_PATIENCE: Duration = Duration::from_millis(100);
/// How long all of them have, at the same time.
const FORGETTING: Duration = PING_PATIENCE.saturating_mul(10);

/// How often a rename is tried that finds a row which has expired in its way, before it is a conflict.
pub(crate) const RENAMES: u32 = 4;

/// A failure after which a statement may be run again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// It was rolled back, since it met another one: it has not happened.
    Contention,
    /// The connection was lost: it may have happened.
    ConnectionLost,
}

/// Why there is no answer to a statement.
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// Whether the statement may have been sent. One that was not has not happened.
    sent: bool,
}

impl Failure {
    /// What went before the statement has failed.
    #[cfg(feature = "mysql")]
    pub(crate) fn unsent(error: Error) -> Self {
        Self { error, sent: false }
    }

    #[cfg(feature = "mysql")]
    pub(crate) fn is_unique_violation(&self) -> bool {
        let error = self.error.as_database_error();
        error.is_some_and(DatabaseError::is_unique_violation)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, sent: true }
    }
}

/// How a database's own errors are read.
#[derive(Clone, Copy)]
pub(crate) struct Codes {
    pub(crate) kind: fn(&dyn DatabaseError) -> session_core::StoreErrorKind,
    pub(crate) trouble: fn(&dyn DatabaseError) -> Option<Trouble>,
}

/// Whether a statement is run again on another connection when its own was lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OnLoss {
    /// Once: twice is no more than once, or the caller finds out what happened.
    Again,
    /// Never: a second time could undo what others did in between.
    Fail,
}

/// What a statement returned, and the loss of a connection before that, after which the same
/// statement may have happened already.
pub(crate) struct Ran<T> {
    pub(crate) answer: T,
    pub(crate) loss: Option<StoreError>,
}

impl<T> Ran<T> {
    /// The same with what the answer means.
    pub(crate) fn with<U>(self, answer: U) -> Ran<U> {
        Ran {
            answer,
            loss: self.loss,
        }
    }

    /// The answer, if running the statement twice does not change it.
    pub(crate) fn whatever_was_lost(self) -> T {
        self.answer
    }

    /// The answer, if it proves that this run did it; else nobody knows, and the loss is reported.
    pub(crate) fn if_done(self, done: impl FnOnce(&T) -> bool) -> Result<T, StoreError> {
        match self.loss {
            Some(loss) if !done(&self.answer) => Err(loss),
            _ => Ok(self.answer),
        }
    }
}

impl Codes {
    /// The way by which a driver's error becomes a [`StoreError`].
    pub(crate) fn fault(self, operation: Operation) -> impl FnOnce(Error) -> StoreError {
        move |error| store_error(operation, error, self.kind)
    }

    /// Runs a statement, again if it has to be.
    pub(crate) async fn run<D: Database, T, E: Into<Failure>, F: Future<Output = Result<T, E>>>(
        self,
        pool: &Pool<D>,
        operation: Operation,
        on_loss: OnLoss,
        statement: impl Fn() -> F,
    ) -> Result<Ran<T>, StoreError> {
        let mut contentions = 0;
        let (mut lost, mut loss) = (false, None);
        loop {
            let Failure { error, sent } = match statement().await {
                Ok(answer) => return Ok(Ran { answer, loss }),
                Err(failure) => failure.into(),
            };
            match self.trouble_of(&error) {
                Some(Trouble::Contention) if contentions < CONTENTION_RETRIES => {
                    pause(contentions).await;
                    contentions += 1;
                }
                Some(Trouble::ConnectionLost) if !lost => {
                    lost = true;
                    // A ping is not to be given up half-way either.
                    to_its_end(FORGETTING, forget_the_dead(pool.clone())).await;
                    if sent && on_loss == OnLoss::Fail {
                        return Err(self.fault(operation)(error));
                    }
                    loss = sent.then(|| self.fault(operation)(error));
                }
                _ => return Err(self.fault(operation)(error)),
            }
        }
    }

    /// What may be done about a driver's error.
    pub(crate) fn trouble_of(self, error: &Error) -> Option<Trouble> {
        match error {
            Error::Database(error) => (self.trouble)(error.as_ref()),
            Error::Io(_) => Some(Trouble::ConnectionLost),
            _ => None,
        }
    }
}

/// Takes those connections out of the pool that are idle and dead. Whatever ended one, a restart of the
/// server as a rule, has mostly ended them all, and the next one must not be another of them.
async fn forget_the_dead<D: Database>(pool: Pool<D>) {
    // All at the same time: whoever needs one meanwhile has to make it.
    let idle = (0..pool.num_idle()).map_while(|_| pool.try_acquire());
    join_all(idle.map(async |mut connection| {
        let ping = tokio::time::timeout(PING_PATIENCE, connection.ping());
        if !matches!(ping.await, Ok(Ok(()))) {
            drop(connection.detach());
        }
    }))
    .await;
}

/// A pause that is longer and more at random the more there were.
async fn pause(before: u32) {
    let longest = 1_u64.checked_shl(before).unwrap_or(u64::MAX);
    let longest = longest.min(LONGEST_PAUSE) + 1;
    // Good enough to keep two apart, and at hand.
    let random = Version::unique().as_i64().unsigned_abs() % longest;
    tokio::time::sleep(Duration::from_millis(random)).await;
}
