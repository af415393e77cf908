use std::{sync::Arc, time::Duration, time::Instant};

use bytes::Bytes;
use redis::{Cmd, Value};
use session_core::{Operation, Record, StoreError, StoreErrorKind, StoreKey, Timestamp};

use crate::{
    layout::{self, Living},
    link::Request,
    run::{fault, not_understood},
    store::Shared,
};

impl Shared {
    pub(crate) async fn get(
        &self,
        operation: Operation,
        key: &StoreKey,
    ) -> Result<Option<Record>, StoreError> {
        #[cfg(feature = "near-cache")]
        if let Some(near) = &self.near {
            if let Some(living) = near.get(key, self.clock.now()) {
                return self.record(operation, living).map(Some);
            }
            return self.get_and_keep(operation, key, near).await;
        }
        self.look_up(operation, key).await
    }

    /// What the server has.
    pub(crate) async fn look_up(
        &self,
        operation: Operation,
        key: &StoreKey,
    ) -> Result<Option<Record>, StoreError> {
        let name = self.names.record(key);
        let mut cmd = Cmd::with_capacity(2, name.len() + 3);
        cmd.arg("GET").arg(&name);
        let answer = self.ask(operation, &name, Request::One(&cmd)).await?.pop();
        let Some(living) = self.living(operation, key, answer).await? else {
            return Ok(None);
        };
        self.know_the_time(operation, &name).await?;
        self.record(operation, living).map(Some)
    }

    /// What a `GET` answered.
    pub(crate) async fn living(
        &self,
        operation: Operation,
        key: &StoreKey,
        answer: Option<Value>,
    ) -> Result<Option<Living>, StoreError> {
        let value = match answer {
            // Scripts take what is empty for nothing, too.
            Some(Value::BulkString(value)) if value.is_empty() => return Ok(None),
            Some(Value::BulkString(value)) => value,
            Some(Value::Nil) => return Ok(None),
            _ => return Err(not_understood(operation)),
        };
        match read(operation, value)? {
            layout::Value::Living(living) => Ok(Some(living)),
            layout::Value::Moved { .. } => Ok(None),
            #[cfg(feature = "cluster")]
            layout::Value::Reserved(reserved) => self.reserved(operation, key, reserved).await,
            #[cfg(not(feature = "cluster"))]
            layout::Value::Reserved(_) => {
                let _ = key;
                Ok(None)
            }
        }
    }

    /// Asks the server of this key for the time if none has told it lately.
    pub(crate) async fn know_the_time(
        &self,
        operation: Operation,
        key: &[u8],
    ) -> Result<(), StoreError> {
        if !self.clock.is_stale() {
            return Ok(());
        }
        self.ask_the_time(operation, key).await
    }

    pub(crate) async fn ask_the_time(
        &self,
        operation: Operation,
        key: &[u8],
    ) -> Result<(), StoreError> {
        let asked = Instant::now();
        let time = self
            .ask(operation, key, Request::One(&redis::cmd("TIME")))
            .await?
            .pop();
        let answered = Instant::now();
        let time = redis::from_redis_value::<(i64, i64)>(time.unwrap_or(Value::Nil));
        let (seconds, micros) = time.map_err(|error| fault(operation)(error.into()))?;
        let micros = seconds.saturating_mul(1_000_000).saturating_add(micros);
        self.clock.observe(micros, asked, answered);
        Ok(())
    }

    /// The record as it is given out, with what it has left by the clock.
    pub(crate) fn record(
        &self,
        operation: Operation,
        living: Living,
    ) -> Result<Record, StoreError> {
        let now = self.clock.now();
        let left = living.expires_at.saturating_mul(1000).saturating_sub(now);
        // The server has just had it, so something was left.
        let left = Duration::from_micros(left.max(1).unsigned_abs());
        let owner = match &living.owner {
            Some(owner) => {
                let owner = str::from_utf8(owner).map_err(|error| {
                    StoreError::new(StoreErrorKind::Corrupt, operation).with_source(error)
                })?;
                Some(Arc::from(owner))
            }
            None => None,
        };
        let now = Timestamp::from_unix_millis(now / 1000);
        let created_at = Timestamp::from_unix_millis(living.created_at);
        Ok(Record::new(living.data, living.version, left)
            .owner(owner)
            .created_at(created_at, now))
    }
}

/// Reads a value. The data is a part of it, not a copy.
pub(crate) fn read(operation: Operation, value: Vec<u8>) -> Result<layout::Value, StoreError> {
    layout::read(&Bytes::from(value))
        .map_err(|error| StoreError::new(StoreErrorKind::Corrupt, operation).with_source(error))
}
