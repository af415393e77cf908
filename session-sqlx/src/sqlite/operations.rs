use std::time::Duration;

use session_core::{
    NewRecord, Operation, Precondition, Record, SetOutcome, Store, StoreError, StoreKey, Ttl,
    Version, async_trait,
};
use sqlx::SqlStr;

use super::{SqliteStore, row, statement::Statement};

#[async_trait]
impl Store for SqliteStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        let query = keyed(&self.sql().get, key);
        self.read_one(Operation::Get, query, row::record).await
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, StoreError> {
        let (sql, none) = match when {
            Precondition::Any => (&self.sql().set_any, SetOutcome::Conflict),
            Precondition::Absent => (&self.sql().set_absent, SetOutcome::Conflict),
            Precondition::Version(_) => (&self.sql().set_version, SetOutcome::Missing),
        };
        let version = Version::unique();
        let query = writing(sql, key, record, ttl, version).bind(match when {
            Precondition::Version(old) => Some(old.as_i64()),
            Precondition::Any | Precondition::Absent => created_at(record),
        });
        self.write_if(Operation::Set, query, version, none).await
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let query = keyed(&self.sql().delete, key);
        Ok(self.remove(Operation::Delete, query).await? > 0)
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
        let query = keyed(&self.sql().expire, key).bind(ttl.as_millis_i64());
        Ok(self.write(Operation::Expire, query).await? > 0)
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, StoreError> {
        let new = Version::unique();
        let query = writing(&self.sql().rename, from, record, ttl, new)
            .bind(version.as_i64())
            .bind(to.as_bytes().as_slice())
            .bind(created_at(record));
        self.write_if(Operation::Rename, query, new, SetOutcome::Missing)
            .await
    }

    async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let query = keyed(&self.sql().exists, key);
        let row = self.read_one(Operation::Exists, query, |_| Ok(())).await?;
        Ok(row.is_some())
    }

    async fn ttl(&self, key: &StoreKey) -> Result<Option<Duration>, StoreError> {
        let query = keyed(&self.sql().ttl, key);
        self.read_one(Operation::Ttl, query, row::time_left).await
    }
}

/// Binds `?1`.
fn keyed<'q>(sql: &SqlStr, key: &StoreKey) -> Statement<'q> {
    sqlx::query(sql.clone()).bind(key.as_bytes().as_slice())
}

/// Binds `?1` to `?5`, which every write of a record has.
fn writing<'q>(
    sql: &SqlStr,
    key: &StoreKey,
    record: &NewRecord<'_>,
    ttl: Ttl,
    version: Version,
) -> Statement<'q> {
    keyed(sql, key)
        .bind(record.owner)
        .bind(record.data)
        .bind(ttl.as_millis_i64())
        .bind(version.as_i64())
}

fn created_at(record: &NewRecord<'_>) -> Option<i64> {
    record.created_at.map(|at| at.as_unix_millis())
}
