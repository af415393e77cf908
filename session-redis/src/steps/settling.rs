use redis::{Cmd, Value};
use session_core::{Operation, StoreError, StoreKey};

use super::{STEPS, crowded, pause};
use crate::{
    layout::{self, Living, Reserved},
    link::Request,
    reading::read,
    run::{Answer, DONE, LATE, OnLoss, Stay, UNSETTLED},
    store::Shared,
};

/// What became of a move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It is over: what is there now, another look tells.
    Over,
    /// It will never be decided, and what was reserved is gone.
    Failed,
    /// Nobody knows yet, for about a second at most.
    Open,
}

impl Shared {
    /// What a reserved record is to a reader: it is there if its move was decided.
    pub(crate) async fn reserved(
        &self,
        operation: Operation,
        key: &StoreKey,
        mut reserved: Reserved,
    ) -> Result<Option<Living>, StoreError> {
        for _ in 0..STEPS {
            if self.fate(operation, key, &reserved).await? != Fate::Over {
                return Ok(None);
            }
            match self.value(operation, key).await? {
                Some(layout::Value::Living(living)) => return Ok(Some(living)),
                Some(layout::Value::Reserved(another)) => reserved = another,
                Some(layout::Value::Moved { .. }) | None => return Ok(None),
            }
        }
        Err(crowded(operation))
    }

    /// Deletes. What is there and not decided yet is `UNSETTLED`.
    pub(crate) async fn delete_in_steps(
        &self,
        operation: Operation,
        key: &StoreKey,
        name: &[u8],
        arguments: &[&[u8]],
    ) -> Result<Answer, StoreError> {
        let mut loss = None;
        for _ in 0..STEPS {
            let script = &self.scripts.delete;
            let mut answer = self
                .run(operation, OnLoss::Again, script, &[name], arguments)
                .await?;
            answer.loss = loss.or(answer.loss);
            match answer.code {
                UNSETTLED => {
                    if let Some(layout::Value::Reserved(reserved)) =
                        self.value(operation, key).await?
                        && self.fate(operation, key, &reserved).await? == Fate::Open
                    {
                        return Ok(answer);
                    }
                }
                DONE => {
                    let _removed = answer.count();
                    if let Some(Stay { owner, claim }) = answer.stay() {
                        self.unregister(operation, &owner, key, &claim).await;
                    }
                    return Ok(answer);
                }
                _ => return Ok(answer),
            }
            loss = answer.loss;
        }
        Err(crowded(operation))
    }

    /// Ends the move that is in the way of a write, or waits a little for it to be decided.
    pub(super) async fn clear_the_way(
        &self,
        operation: Operation,
        key: &StoreKey,
        step: u32,
    ) -> Result<(), StoreError> {
        match self.value(operation, key).await? {
            Some(layout::Value::Reserved(reserved)) => {
                if self.fate(operation, key, &reserved).await? == Fate::Open {
                    pause(step).await;
                }
            }
            // The note is needed until the record is free.
            Some(layout::Value::Moved { version, to }) => {
                self.settle(operation, &to, &version, None).await?;
                self.remove_note(operation, key, &version).await?;
            }
            Some(layout::Value::Living(_)) | None => {}
        }
        Ok(())
    }

    /// What became of the move by which this record came here. If it is decided, ends it.
    async fn fate(
        &self,
        operation: Operation,
        key: &StoreKey,
        reserved: &Reserved,
    ) -> Result<Fate, StoreError> {
        let (name, deadline) = (
            self.names.record(&reserved.from),
            reserved.deadline.to_string(),
        );
        let version = &reserved.version;
        let arguments: [&[u8]; 4] = [b"", &reserved.version_there, version, deadline.as_bytes()];
        let script = &self.scripts.fate;
        match self
            .run(operation, OnLoss::Again, script, &[&name], &arguments)
            .await?
            .code
        {
            DONE => {
                self.settle(operation, key, version, None).await?;
                self.remove_note(operation, &reserved.from, version).await?;
                Ok(Fate::Over)
            }
            LATE => Ok(Fate::Open),
            // The note of it may have been removed since, because the record is free.
            _ if self
                .settle(operation, key, version, Some(deadline.as_bytes()))
                .await? =>
            {
                Ok(Fate::Failed)
            }
            _ => Ok(Fate::Over),
        }
    }

    /// Sets a reserved record free, or removes it if it could be decided until then; whether it was still
    /// reserved.
    pub(super) async fn settle(
        &self,
        operation: Operation,
        key: &StoreKey,
        version: &[u8; 8],
        drop_of: Option<&[u8]>,
    ) -> Result<bool, StoreError> {
        let name = self.names.record(key);
        let arguments: [&[u8]; 4] = match drop_of {
            None => [b"", version, b"keep", b""],
            Some(deadline) => [b"", version, b"drop", deadline],
        };
        let script = &self.scripts.settle;
        let answer = self
            .run(operation, OnLoss::Again, script, &[&name], &arguments)
            .await?;
        self.forget(key);
        Ok(answer.code == DONE)
    }

    pub(super) async fn remove_note(
        &self,
        operation: Operation,
        key: &StoreKey,
        version: &[u8; 8],
    ) -> Result<(), StoreError> {
        let name = self.names.record(key);
        let arguments: [&[u8]; 2] = [b"", version];
        let script = &self.scripts.forget;
        self.run(operation, OnLoss::Again, script, &[&name], &arguments)
            .await?;
        Ok(())
    }

    async fn value(
        &self,
        operation: Operation,
        key: &StoreKey,
    ) -> Result<Option<layout::Value>, StoreError> {
        let name = self.names.record(key);
        let mut cmd = Cmd::new();
        cmd.arg("GET").arg(&name);
        match self.ask(operation, &name, Request::One(&cmd)).await?.pop() {
            Some(Value::BulkString(value)) if !value.is_empty() => read(operation, value).map(Some),
            _ => Ok(None),
        }
    }
}
