use futures_util::future::BoxFuture;
use sqlx::{
    Error, Executor as _, MySqlConnection,
    mysql::{MySqlQueryResult, MySqlRow},
};

use super::{MySqlStore, lent::Lent, statement::Statement};
use crate::{again::Failure, finish::to_its_end};

/// How one statement locks, whatever the connections of the pool are set to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Isolation {
    /// Rows, and not what lies between: no new row waits for it.
    ReadCommitted,
    /// What lies between as well: while it goes through an index, no row moves to where it has been.
    RepeatableRead,
}

/// The way to the answer: one of the driver's methods.
pub(super) type Ask<T> =
    for<'c> fn(&'c mut MySqlConnection, Statement) -> BoxFuture<'c, Result<T, Error>>;

impl MySqlStore {
    pub(super) async fn execute(&self, statement: Statement) -> Result<MySqlQueryResult, Failure> {
        self.ask(None, statement, |connection, it| connection.execute(it))
            .await
    }

    /// The first row, of an answer that is read to its end.
    pub(super) async fn fetch_optional(
        &self,
        statement: Statement,
    ) -> Result<Option<MySqlRow>, Failure> {
        // The driver's own would leave what comes after the row to whoever is next on the connection.
        let rows = self.fetch_all(statement).await?;
        Ok(rows.into_iter().next())
    }

    pub(super) async fn fetch_all(&self, statement: Statement) -> Result<Vec<MySqlRow>, Failure> {
        self.ask(None, statement, |connection, it| connection.fetch_all(it))
            .await
    }

    /// Under this level; the statement after it is as ever.
    pub(super) async fn execute_under(
        &self,
        level: Isolation,
        statement: Statement,
    ) -> Result<MySqlQueryResult, Failure> {
        self.ask(Some(level), statement, |connection, it| {
            connection.execute(it)
        })
        .await
    }

    /// The same.
    pub(super) async fn fetch_all_under(
        &self,
        level: Isolation,
        statement: Statement,
    ) -> Result<Vec<MySqlRow>, Failure> {
        self.ask(Some(level), statement, |connection, it| {
            connection.fetch_all(it)
        })
        .await
    }

    /// Runs a statement on a connection of the pool and reads its answer, to the end even if the caller does
    /// not wait so long. The driver cannot go on in the middle of one, so whoever came next on this
    /// connection would wait for ever, or get what is left of it. And the server has begun: the connection
    /// is not free before it has ended, and closing it would end little there.
    ///
    /// What goes before it is read to its end by itself: given up there, the statement is never sent.
    async fn ask<T: Send + 'static>(
        &self,
        isolation: Option<Isolation>,
        statement: Statement,
        ask: Ask<T>,
    ) -> Result<T, Failure> {
        let connection = self.pool().acquire().await.map_err(Failure::unsent)?;
        let mut lent = Lent::new(connection);
        let patience = statement.patience();
        let mut is_kept = true;
        if let Some(sql) = statement.to_prepare() {
            is_kept = self.keeps_prepared().unwrap_or(true);
            if is_kept {
                lent = to_its_end(patience, lent.prepare(sql.clone())).await?;
                is_kept = lent.keeps_prepared();
                self.learn_keeps_prepared(is_kept);
            }
        }
        if let Some(isolation) = isolation {
            lent = to_its_end(patience, lent.set(isolation)).await?;
        }
        let may_come_late = statement.may_come_late();
        let answer = to_its_end(patience, lent.ask(isolation, statement, ask));
        if is_kept || may_come_late {
            answer.await
        } else {
            // The driver prepares it each time, in the same breath in which it runs it. To be sure that it does
            // not run, the connection is closed. But it may run already, and wait: the server must not fill up
            // with those.
            answer.or_dropped(self.closable()).await
        }
    }
}

impl Isolation {
    /// Holds for the next statement alone.
    pub(super) fn set(self) -> &'static str {
        match self {
            Self::ReadCommitted => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            Self::RepeatableRead => "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        }
    }
}
