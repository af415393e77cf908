use sqlx::{Connection as _, Error, Executor as _, MySql, SqlStr, pool::PoolConnection};

use super::{
    connection::{Ask, Isolation},
    statement::Statement,
    store::CODES,
};
use crate::again::{Failure, Trouble};

/// A connection of the pool's. Unless it is as it was, it is closed and not used again: whoever came next
/// would have the rest of an answer, or a level that is not theirs.
pub(super) struct Lent {
    connection: PoolConnection<MySql>,
    is_clean: bool,
}

impl Lent {
    pub(super) fn new(connection: PoolConnection<MySql>) -> Self {
        Self {
            connection,
            is_clean: true,
        }
    }

    /// Prepares a statement, unless it has been here.
    pub(super) async fn prepare(mut self, sql: SqlStr) -> Result<Self, Failure> {
        self.is_clean = false;
        let prepared = self.connection.prepare(sql).await;
        self.is_clean = prepared.as_ref().err().is_none_or(is_an_answer);
        prepared.map_err(Failure::unsent).map(|_| self)
    }

    /// Whether the driver keeps what it has prepared. To be called after that.
    pub(super) fn keeps_prepared(&self) -> bool {
        self.connection.cached_statements_size() > 0
    }

    /// Sets the level of the next statement: until that has run, no other may.
    pub(super) async fn set(mut self, isolation: Isolation) -> Result<Self, Failure> {
        self.is_clean = false;
        let set = self.connection.execute(isolation.set()).await;
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
        let answer = ask(&mut self.connection, statement).await;
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
        if !self.is_clean {
            self.connection.close_on_drop();
        }
    }
}
