use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use redis::{Cmd, Value};
use session_core::{
    NewRecord, Operation, Precondition, Record, SetOutcome, Store, StoreError, StoreErrorKind,
    StoreKey, Timestamp, Ttl, Version, async_trait,
};

use crate::{
    layout::{self, LARGEST_DATA, LONGEST_OWNER, Living},
    link::Request,
    run::{Answer, CONFLICT, DONE, MISSING, OnLoss, fault},
    script::Script,
    store::{RedisStore, Shared},
};

#[async_trait]
impl Store for RedisStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        self.shared.get(Operation::Get, key).await
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, StoreError> {
        fits(Operation::Set, record)?;
        let new = Version::unique();
        self.shared.forget(key);
        let answer = self.shared.set(key, record, ttl, when, new).await;
        self.shared.forget(key);
        outcome(Operation::Set, answer?, new)
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.shared.forget(key);
        let answer = self.shared.delete(Operation::Delete, key, None).await;
        self.shared.forget(key);
        Ok(answer?.if_done()? == DONE)
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
        self.shared.forget(key);
        let answer = self.shared.expire(key, ttl).await;
        self.shared.forget(key);
        // Twice is no more than once.
        Ok(answer?.code == DONE)
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, StoreError> {
        fits(Operation::Rename, record)?;
        if from == to {
            return Ok(if self.exists(from).await? {
                SetOutcome::Conflict
            } else {
                SetOutcome::Missing
            });
        }
        let new = Version::unique();
        self.shared.forget(from);
        let answer = self
            .shared
            .rename(from, to, record, ttl, version, new)
            .await;
        self.shared.forget(from);
        self.shared.forget(to);
        outcome(Operation::Rename, answer?, new)
    }

    async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
        Ok(self.shared.get(Operation::Exists, key).await?.is_some())
    }

    async fn ttl(&self, key: &StoreKey) -> Result<Option<Duration>, StoreError> {
        let record = self.shared.get(Operation::Ttl, key).await?;
        Ok(record.map(|record| record.expires_in))
    }
}

impl Shared {
    async fn get(
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
        cmd.arg("GET").arg(name);
        let answer = self.ask(operation, Request::One(&cmd)).await?.pop();
        let Some(living) = self.living(operation, key, answer).await? else {
            return Ok(None);
        };
        self.know_the_time(operation).await?;
        self.record(operation, living).map(Some)
    }

    /// What a `GET` answered.
    pub(crate) async fn living(
        &self,
        operation: Operation,
        key: &StoreKey,
        answer: Option<Value>,
    ) -> Result<Option<Living>, StoreError> {
        let Some(Value::BulkString(value)) = answer else {
            return Ok(None);
        };
        // Scripts take what is empty for nothing, too.
        if value.is_empty() {
            return Ok(None);
        }
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

    /// Asks the server for the time if it has not told it lately.
    pub(crate) async fn know_the_time(&self, operation: Operation) -> Result<(), StoreError> {
        if !self.clock.is_stale() {
            return Ok(());
        }
        let asked = std::time::Instant::now();
        let time = self
            .ask(operation, Request::One(&redis::cmd("TIME")))
            .await?
            .pop();
        let answered = std::time::Instant::now();
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

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
        new: Version,
    ) -> Result<Answer, StoreError> {
        let name = self.names.record(key);
        let (new, ttl_digits) = (new.as_i64().to_be_bytes(), ttl.as_millis().to_string());
        let (created_at, owner) = (layout::created_at(record), layout::owner(record));
        let old;
        let (condition, on_loss): (&[u8], _) = match when {
            // A second time could replace what others have written since the first.
            Precondition::Any => (b"any", OnLoss::Fail),
            Precondition::Absent => (b"absent", OnLoss::Again),
            Precondition::Version(version) => {
                old = version.as_i64().to_be_bytes();
                (&old, OnLoss::Again)
            }
        };
        let jitter = jitter();
        let arguments: [&[u8]; 10] = [
            self.indexes(),
            key.as_bytes(),
            condition,
            &new,
            ttl_digits.as_bytes(),
            &created_at,
            &owner,
            record.data,
            b"",
            jitter.as_bytes(),
        ];
        let call = Call {
            operation: Operation::Set,
            on_loss,
            script: &self.scripts.set,
            name: &name,
            arguments: &arguments,
            horizon: 8,
        };
        self.call(call, key, record.owner, ttl).await
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<Answer, StoreError> {
        let (name, digits, jitter) = (
            self.names.record(key),
            ttl.as_millis().to_string(),
            jitter(),
        );
        let arguments: [&[u8]; 5] = [
            self.indexes(),
            key.as_bytes(),
            digits.as_bytes(),
            b"",
            jitter.as_bytes(),
        ];
        let call = Call {
            operation: Operation::Expire,
            on_loss: OnLoss::Again,
            script: &self.scripts.expire,
            name: &name,
            arguments: &arguments,
            horizon: 3,
        };
        self.call(call, key, None, ttl).await
    }

    /// Runs the script of a write, in a cluster as often as something else comes first.
    async fn call(
        &self,
        call: Call<'_>,
        key: &StoreKey,
        owner: Option<&str>,
        ttl: Ttl,
    ) -> Result<Answer, StoreError> {
        #[cfg(feature = "cluster")]
        if !self.together {
            return self.in_steps(call, key, owner, ttl).await;
        }
        let _ = (key, owner, ttl, call.horizon);
        let Call {
            operation,
            on_loss,
            script,
            name,
            arguments,
            ..
        } = call;
        self.run(operation, on_loss, script, &[name], arguments)
            .await
    }

    /// Removes the record, if it is this owner's where one is given.
    pub(crate) async fn delete(
        &self,
        operation: Operation,
        key: &StoreKey,
        owner: Option<&str>,
    ) -> Result<Answer, StoreError> {
        let name = self.names.record(key);
        let owner = owner
            .map(|owner| layout::owner_block(Some(owner)))
            .unwrap_or_default();
        let arguments: [&[u8]; 3] = [self.indexes(), &owner, key.as_bytes()];
        #[cfg(feature = "cluster")]
        if !self.together {
            return self
                .delete_in_steps(operation, key, &name, &arguments)
                .await;
        }
        self.run(
            operation,
            OnLoss::Again,
            &self.scripts.delete,
            &[&name],
            &arguments,
        )
        .await
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        old: Version,
        new: Version,
    ) -> Result<Answer, StoreError> {
        #[cfg(feature = "cluster")]
        if !self.together {
            return self.rename_in_steps(from, to, record, ttl, old, new).await;
        }
        let (from_name, to_name) = (self.names.record(from), self.names.record(to));
        let (old, new) = (old.as_i64().to_be_bytes(), new.as_i64().to_be_bytes());
        let (ttl, jitter) = (ttl.as_millis().to_string(), jitter());
        let (created_at, owner) = (layout::created_at(record), layout::owner(record));
        let arguments = [
            self.indexes(),
            from.as_bytes(),
            to.as_bytes(),
            &old,
            &new,
            ttl.as_bytes(),
            &created_at,
            &owner,
            record.data,
            jitter.as_bytes(),
        ];
        let (script, keys) = (&self.scripts.rename, [from_name.as_slice(), &to_name]);
        self.run(Operation::Rename, OnLoss::Again, script, &keys, &arguments)
            .await
    }
}

/// The call of a script that writes a record.
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) on_loss: OnLoss,
    pub(crate) script: &'a Script,
    /// The record's.
    pub(crate) name: &'a [u8],
    pub(crate) arguments: &'a [&'a [u8]],
    /// Which argument says how long the index is sure to hold the record.
    pub(crate) horizon: usize,
}

/// Reads a value. The data is a part of it, not a copy.
pub(crate) fn read(operation: Operation, value: Vec<u8>) -> Result<layout::Value, StoreError> {
    layout::read(&Bytes::from(value))
        .map_err(|error| StoreError::new(StoreErrorKind::Corrupt, operation).with_source(error))
}

/// A random number of milliseconds, up to a quarter of an hour: two stays in an index end at different times,
/// so each is told from the other.
pub(crate) fn jitter() -> String {
    (Version::unique().as_i64() % (1 << 20)).to_string()
}

fn outcome(operation: Operation, answer: Answer, new: Version) -> Result<SetOutcome, StoreError> {
    match answer.if_done()? {
        DONE => Ok(SetOutcome::Stored(new)),
        CONFLICT => Ok(SetOutcome::Conflict),
        MISSING => Ok(SetOutcome::Missing),
        _ => Err(StoreError::new(StoreErrorKind::Unavailable, operation)
            .with_source("others write this record or move it again and again")),
    }
}

fn fits(operation: Operation, record: &NewRecord<'_>) -> Result<(), StoreError> {
    let too_large = |what: &'static str| {
        Err(StoreError::new(StoreErrorKind::TooLarge, operation).with_source(what))
    };
    if record.data.len() > LARGEST_DATA {
        return too_large("a record has 511 MiB at most here");
    }
    match record.owner {
        Some(owner) if owner.len() > LONGEST_OWNER => {
            too_large("an owner has 65 000 bytes at most here")
        }
        _ => Ok(()),
    }
}
