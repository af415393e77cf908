use std::time::Duration;

use sqlx::{
    Connection as _, Error, Execute, Executor as _, PgConnection, Postgres, SqlSafeStr,
    pool::PoolConnection,
    postgres::{PgQueryResult, PgRow},
};
use tokio::{runtime::Handle, time::timeout};

use super::PostgresStore;
use crate::finish::{AT_THE_START, PATIENCE};

impl PostgresStore {
    pub(super) async fn execute<'q>(
        &self,
        statement: impl Execute<'q, Postgres> + 'q,
    ) -> Result<PgQueryResult, Error> {
        let mut lent = self.lend(PATIENCE).await?;
        let answer = lent.connection()?.execute(statement).await;
        lent.end(answer)
    }

    pub(super) async fn fetch_optional<'q>(
        &self,
        statement: impl Execute<'q, Postgres> + 'q,
    ) -> Result<Option<PgRow>, Error> {
        let mut lent = self.lend(PATIENCE).await?;
        let answer = lent.connection()?.fetch_optional(statement).await;
        lent.end(answer)
    }

    pub(super) async fn fetch_one<'q>(
        &self,
        statement: impl Execute<'q, Postgres> + 'q,
    ) -> Result<PgRow, Error> {
        let row = self.fetch_optional(statement).await?;
        row.ok_or(Error::RowNotFound)
    }

    pub(super) async fn fetch_all<'q>(
        &self,
        statement: impl Execute<'q, Postgres> + 'q,
    ) -> Result<Vec<PgRow>, Error> {
        self.fetch_all_within(PATIENCE, statement).await
    }

    /// The same for a question of the store's start.
    pub(super) async fn fetch_all_at_start<'q>(
        &self,
        statement: impl Execute<'q, Postgres> + 'q,
    ) -> Result<Vec<PgRow>, Error> {
        self.fetch_all_within(AT_THE_START, statement).await
    }

    /// Runs one or more statements of the store's start, as one text.
    pub(super) async fn execute_text(&self, sql: impl SqlSafeStr + Send) -> Result<(), Error> {
        let mut lent = self.lend(AT_THE_START).await?;
        let answer = lent.connection()?.execute(sql.into_sql_str()).await;
        lent.end(answer).map(drop)
    }

    async fn fetch_all_within<'q>(
        &self,
        patience: Duration,
        statement: impl Execute<'q, Postgres> + 'q,
    ) -> Result<Vec<PgRow>, Error> {
        let mut lent = self.lend(patience).await?;
        let answer = lent.connection()?.fetch_all(statement).await;
        lent.end(answer)
    }

    async fn lend(&self, patience: Duration) -> Result<Lent, Error> {
        Ok(Lent {
            connection: Some(self.pool().acquire().await?),
            patience,
            runtime: Handle::try_current().ok(),
        })
    }
}

/// A connection of the pool's. If its statement is given up it goes back once the server has answered, which the
/// driver would await without an end.
struct Lent {
    /// None at the end.
    connection: Option<PoolConnection<Postgres>>,
    patience: Duration,
    /// Where the answer is awaited. Who gives it up may be elsewhere.
    runtime: Option<Handle>,
}

impl Lent {
    fn connection(&mut self) -> Result<&mut PgConnection, Error> {
        self.connection.as_deref_mut().ok_or(Error::PoolClosed)
    }

    /// With what the statement has returned.
    fn end<T>(mut self, answer: Result<T, Error>) -> Result<T, Error> {
        self.connection = None;
        answer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let (Some(mut connection), Some(runtime)) = (self.connection.take(), &self.runtime) else {
            return;
        };
        let patience = self.patience;
        let _inside = runtime.enter(); // if it has ended, the connection is dropped at once, and wants one
        runtime.spawn(async move {
            // This reads what is still to come before its own answer.
            let read = timeout(patience, connection.ping()).await;
            if !matches!(read, Ok(Ok(()))) {
                connection.close_on_drop();
            }
        });
    }
}
