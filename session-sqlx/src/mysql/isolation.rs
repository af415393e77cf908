use std::ops::{Deref, DerefMut};

use sqlx::{Error, Executor as _, MySql, MySqlConnection, pool::PoolConnection};

use super::{MySqlStore, store::CODES};
use crate::again::{Failure, Trouble};

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
    pub(super) async fn under(&self, isolation: Isolation) -> Result<ForOne, Failure> {
        let connection = self.pool().acquire().await.map_err(Failure::unsent)?;
        // From here on: what is given up while it waits for the answer may be carried out all the same.
        let mut connection = ForOne {
            connection,
            is_spent: false,
        };
        let set = match isolation {
            Isolation::ReadCommitted => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            Isolation::RepeatableRead => "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        };
        connection.execute(set).await.map_err(Failure::unsent)?;
        Ok(connection)
    }
}

/// A connection that is set for one statement. Unless that was carried out, the connection is closed and
/// not used again: whoever came next would have the level, an application's own transaction perhaps.
pub(super) struct ForOne {
    connection: PoolConnection<MySql>,
    is_spent: bool,
}

impl ForOne {
    /// To be called with what the statement has returned.
    pub(super) fn after<T>(mut self, answer: Result<T, Error>) -> Result<T, Failure> {
        self.is_spent = match &answer {
            Ok(_) => true,
            // Begun and rolled back. Others may have been refused before they were begun.
            Err(error) => CODES.trouble_of(error) == Some(Trouble::Contention),
        };
        answer.map_err(Failure::from)
    }
}

impl Drop for ForOne {
    fn drop(&mut self) {
        if !self.is_spent {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for ForOne {
    type Target = MySqlConnection;

    fn deref(&self) -> &MySqlConnection {
        &self.connection
    }
}

impl DerefMut for ForOne {
    fn deref_mut(&mut self) -> &mut MySqlConnection {
        &mut self.connection
    }
}
