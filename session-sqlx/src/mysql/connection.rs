use futures_util::future::BoxFuture;
use sqlx::{
    Error, Execute, Executor as _, MySql, MySqlConnection,
    mysql::{MySqlQueryResult, MySqlRow},
    pool::PoolConnection,
};

use super::{MySqlStore, store::CODES};
use crate::{
    again::{Failure, Trouble},
    finish::to_its_end,
};

/// How one statement locks, whatever the connections of the pool are set to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Isolation {
    /// Rows, and not what lies between: no new row waits for it.
    ReadCommitted,
    /// What lies between as well: while it goes through an index, no row moves to where it has been.
    RepeatableRead,
}

/// What can be run, with the values that it has.
pub(super) trait Statement: Execute<'static, MySql> + 'static {}

impl<T: Execute<'static, MySql> + 'static> Statement for T {}

/// The way to the answer: one of the driver's methods.
type Ask<S, T> = for<'c> fn(&'c mut MySqlConnection, S) -> BoxFuture<'c, Result<T, Error>>;

impl MySqlStore {
    pub(super) async fn execute(
        &self,
        statement: impl Statement,
    ) -> Result<MySqlQueryResult, Failure> {
        let ask: Ask<_, _> = |connection, statement| connection.execute(statement);
        self.ask(None, statement, ask).await
    }

    pub(super) async fn fetch_optional(
        &self,
        statement: impl Statement,
    ) -> Result<Option<MySqlRow>, Failure> {
        let ask: Ask<_, _> = |connection, statement| connection.fetch_optional(statement);
        self.ask(None, statement, ask).await
    }

    pub(super) async fn fetch_all(
        &self,
        statement: impl Statement,
    ) -> Result<Vec<MySqlRow>, Failure> {
        let ask: Ask<_, _> = |connection, statement| connection.fetch_all(statement);
        self.ask(None, statement, ask).await
    }

    /// Under this level; the statement after it is as ever.
    pub(super) async fn execute_under(
        &self,
        isolation: Isolation,
        statement: impl Statement,
    ) -> Result<MySqlQueryResult, Failure> {
        let ask: Ask<_, _> = |connection, statement| connection.execute(statement);
        self.ask(Some(isolation), statement, ask).await
    }

    /// The same.
    pub(super) async fn fetch_all_under(
        &self,
        isolation: Isolation,
        statement: impl Statement,
    ) -> Result<Vec<MySqlRow>, Failure> {
        let ask: Ask<_, _> = |connection, statement| connection.fetch_all(statement);
        self.ask(Some(isolation), statement, ask).await
    }

    /// Runs a statement on a connection of the pool and reads its answer, to the end even if the caller does
    /// not wait so long. The driver cannot go on in the middle of one, so whoever came next on this
    /// connection would wait for ever, or get what is left of it. And the server has begun: the connection
    /// is not free before it has ended, and closing it would end nothing there. What is given up while this
    /// connection prepares it for the first time is run all the same.
    async fn ask<S: Send + 'static, T: Send + 'static>(
        &self,
        isolation: Option<Isolation>,
        statement: S,
        ask: Ask<S, T>,
    ) -> Result<T, Failure> {
        let connection = self.pool().acquire().await.map_err(Failure::unsent)?;
        let mut lent = Lent {
            connection,
            is_clean: false,
        };
        if let Some(isolation) = isolation {
            // By itself: given up here, the statement is never sent, and the connection is closed.
            lent = to_its_end(async move {
                let set = lent.connection.execute(isolation.set()).await;
                set.map_err(Failure::unsent).map(|_| lent)
            })
            .await?;
        }
        to_its_end(async move {
            let answer = ask(&mut lent.connection, statement).await;
            lent.after(isolation, answer)
        })
        .await
    }
}

impl Isolation {
    /// Holds for the next statement alone.
    fn set(self) -> &'static str {
        match self {
            Self::ReadCommitted => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            Self::RepeatableRead => "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        }
    }
}

/// A connection of the pool's. Unless it is as it was, it is closed and not used again: whoever came next
/// would have the rest of an answer, or a level that is not theirs.
struct Lent {
    connection: PoolConnection<MySql>,
    is_clean: bool,
}

impl Lent {
    /// To be called with what the statement has returned.
    fn after<T>(
        mut self,
        isolation: Option<Isolation>,
        answer: Result<T, Error>,
    ) -> Result<T, Failure> {
        self.is_clean = match &answer {
            Ok(_) => true,
            // Begun and rolled back, so the level is used up. Others may have been refused before they
            // were begun.
            Err(error) if isolation.is_some() => {
                CODES.trouble_of(error) == Some(Trouble::Contention)
            }
            Err(error) => error.as_database_error().is_some(),
        };
        answer.map_err(Failure::from)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.is_clean {
            self.connection.close_on_drop();
        }
    }
}
