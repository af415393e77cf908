use std::{path::Path, time::SystemTime};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Answer, Id, Raw, failed};
use crate::Failure;

const LIFETIME: i64 = 24 * 60 * 60;

/// A table with a blob for each session. SQLite lets one write at a time, so one connection writes
/// and a few read: as good as it gets by hand.
#[derive(Clone)]
pub(super) struct Table {
    reader: SqlitePool,
    writer: SqlitePool,
}

impl Table {
    pub(super) async fn open(file: &Path) -> Result<Self, Failure> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal);
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .test_before_acquire(false)
                .connect_with(options.clone())
        };
        let writer = pool(1).await?;
        sqlx::query(
            "CREATE TABLE s (id BLOB PRIMARY KEY, data BLOB NOT NULL, ends INTEGER NOT NULL)",
        )
        .execute(&writer)
        .await?;
        let reader = pool(4).await?;
        Ok(Self { reader, writer })
    }
}

impl Raw for Table {
    type Blob = Vec<u8>;

    async fn load(&self, id: &Id) -> Answer<Option<Vec<u8>>> {
        sqlx::query_scalar("SELECT data FROM s WHERE id = ?1 AND ends > ?2")
            .bind(id.as_slice())
            .bind(now()?)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed)
    }

    async fn replace(&self, id: &Id, blob: Vec<u8>) -> Answer<()> {
        let now = now()?;
        sqlx::query("UPDATE s SET data = ?2, ends = ?3 WHERE id = ?1 AND ends > ?4")
            .bind(id.as_slice())
            .bind(blob)
            .bind(now + LIFETIME)
            .bind(now)
            .execute(&self.writer)
            .await
            .map(drop)
            .map_err(failed)
    }

    async fn create(&self, id: &Id, blob: Vec<u8>) -> Answer<()> {
        sqlx::query("INSERT INTO s (id, data, ends) VALUES (?1, ?2, ?3)")
            .bind(id.as_slice())
            .bind(blob)
            .bind(now()? + LIFETIME)
            .execute(&self.writer)
            .await
            .map(drop)
            .map_err(failed)
    }
}

fn now() -> Answer<i64> {
    let since = SystemTime::UNIX_EPOCH.elapsed().map_err(failed)?;
    i64::try_from(since.as_secs()).map_err(failed)
}
