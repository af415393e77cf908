use sqlx::{
    Connection as _, Error, Executor as _, MySql, MySqlConnection, SqlStr, pool::PoolConnection,
};
use tokio::runtime::Handle;

use super::{
    connection::{Ask, Isolation},
    statement::Statement,
    store::CODES,
};
use crate::again::{Failure, Trouble};

/// A connection of the pool's. Unless it is as it was, it is closed and not used again: whoever came next
/// would have the rest of an answer, or a level that is not theirs.
pub(super) struct Lent {
    /// None at the end.
    connection: Option<PoolConnection<MySql>>,
    is_clean: bool,
    /// Where the pool goes on with what comes back. Who drops this may be elsewhere.
    runtime: Option<Handle>,
}

impl Lent {
    pub(super) fn new(connection: PoolConnection<MySql>) -> Self {
        Self {
            connection: Some(connection),
            is_clean: true,
            runtime: Handle::try_current().ok(),
        }
    }

    fn connection(&mut self) -> Result<&mut MySqlConnection, Error> {
        self.connection.as_deref_mut().ok_or(Error::PoolClosed)
    }

    /// Prepares a statement, unless it has been here.
    pub(super) async fn prepare(mut self, sql: SqlStr) -> Result<Self, Failure> {
        self.is_clean = false;
        let connection = self.connection().map_err(Failure::unsent)?;
        let prepared = connection.prepare(sql).await;
        self.is_clean = prepared.as_ref().err().is_none_or(is_an_answer);
        prepared.map_err(Failure::unsent).map(|_| self)
    }

    /// Whether the driver keeps what it has prepared. To be called after that.
    pub(super) fn keeps_prepared(&self) -> bool {
        let connection = self.connection.as_ref();
        connection.is_some_and(|connection| connection.cached_statements_size() > 0)
    }

    /// Sets the level of the next statement: until that has run, no other may.
    pub(super) async fn set(mut self, isolation: Isolation) -> Result<Self, Failure> {
        self.is_clean = false;
        let connection = self.connection().map_err(Failure::unsent)?;
        let set = connection.execute(isolation.set()).await;
        set.map_err(Failure::unsent).map(|_| self)
    }

    /// Runs a statement, of the level that was set, if one was.
    pub(super) async fn ask<T>(
        mut self,
        isolation: Option<Isolation>,
        statement: Statement,
        ask: Ask<T>,
    ) -> Result<T, Failure> {
        self.is_clean = false;
        let answer = ask(self.connection()?, statement).await;
        self.is_clean = match &answer {
            Ok(_) => true,
            // Begun and rolled back, so the level is used up. Others may have been refused before they
            // were begun.
            Err(error) if isolation.is_some() => {
                CODES.trouble_of(error) == Some(Trouble::Contention)
            }
            Err(error) => is_an_answer(error),
        };
        answer.map_err(Failure::from)
    }
}

/// Whether the server has said so, and nothing is left to come.
fn is_an_answer(error: &Error) -> bool {
    error.as_database_error().is_some()
}

impl Drop for Lent {
    fn drop(&mut self) {
        let _inside = self.runtime.as_ref().map(Handle::enter);
        let connection = self.connection.take();
        if !self.is_clean {
            // Without a word. One that is said goodbye on has its server take the client for alive, and wait on; of
            // one whose end is just gone, MariaDB ends a wait for a table's lock within a second.
            drop(connection.map(PoolConnection::detach));
        }
    }
}
