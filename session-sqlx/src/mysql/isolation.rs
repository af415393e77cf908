use sqlx::{Error, Executor as _, MySql, pool::PoolConnection};

use super::MySqlStore;

/// How one statement locks, whatever the connections of the pool are set to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Isolation {
    /// Rows, and not what lies between: no new row waits for it.
    ReadCommitted,
    /// What lies between as well: while it goes through an index, no row moves to where it has been.
    RepeatableRead,
}

impl MySqlStore {
    /// A connection whose next statement is run like this. The one after that is as ever.
    pub(super) async fn under(&self, isolation: Isolation) -> Result<PoolConnection<MySql>, Error> {
        let mut connection = self.pool().acquire().await?;
        let set = match isolation {
            Isolation::ReadCommitted => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            Isolation::RepeatableRead => "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        };
        connection.execute(set).await?;
        Ok(connection)
    }
}
