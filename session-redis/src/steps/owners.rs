use std::collections::HashSet;

use futures_util::future::try_join_all;
use redis::Cmd;
use session_core::{Operation, OwnedRecord, Record, StoreError, StoreKey};

use super::{STEPS, crowded};
use crate::{link::Request, owner::keys, run::DONE, store::Shared};

/// How many records of an owner are looked at at the same time.
const AT_ONCE: usize = 64;

impl Shared {
    pub(crate) async fn list_in_steps(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        let operation = Operation::List;
        let (mut seen, mut listed) = (HashSet::new(), Vec::new());
        for _ in 0..STEPS {
            let mut new = self.members(operation, owner).await?;
            new.retain(|key| seen.insert(*key));
            let mut gone = false;
            for keys in new.chunks(AT_ONCE) {
                let records =
                    try_join_all(keys.iter().map(|key| self.owned(operation, key, owner)));
                for (key, record) in keys.iter().zip(records.await?) {
                    match record {
                        Some(record) => listed.push(OwnedRecord::new(*key, record)),
                        None => gone = true,
                    }
                }
            }
            // What is gone may have been renamed: then it is in the index by now under its new name.
            if !gone {
                return Ok(listed);
            }
        }
        Err(crowded(operation))
    }

    pub(crate) async fn delete_owner_in_steps(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        let operation = Operation::DeleteOwner;
        let (mut seen, mut removed) = (HashSet::new(), 0);
        seen.extend(except);
        for _ in 0..STEPS {
            let mut new = self.members(operation, owner).await?;
            new.retain(|key| seen.insert(*key));
            // What was renamed before it could be removed has been in the index since before that.
            if new.is_empty() {
                return Ok(removed);
            }
            for keys in new.chunks(AT_ONCE) {
                let deletes = try_join_all(
                    keys.iter()
                        .map(|key| self.delete(operation, key, Some(owner))),
                );
                for answer in deletes.await? {
                    removed += u64::from(answer.if_done()? == DONE);
                }
            }
        }
        Err(crowded(operation))
    }

    /// Whether there is a record for everybody to see.
    pub(crate) async fn is_living(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let mut cmd = Cmd::new();
        cmd.arg("GETRANGE")
            .arg(self.names.record(key))
            .arg(1)
            .arg(1);
        match self.ask(Operation::Count, Request::One(&cmd)).await?.pop() {
            Some(redis::Value::BulkString(state)) if state == [0] => Ok(true),
            Some(redis::Value::BulkString(state)) if state == [1] => {
                Ok(self.look_up(Operation::Count, key).await?.is_some())
            }
            _ => Ok(false),
        }
    }

    async fn owned(
        &self,
        operation: Operation,
        key: &StoreKey,
        owner: &str,
    ) -> Result<Option<Record>, StoreError> {
        let record = self.look_up(operation, key).await?;
        Ok(record.filter(|record| record.owner.as_deref() == Some(owner)))
    }

    async fn members(
        &self,
        operation: Operation,
        owner: &str,
    ) -> Result<Vec<StoreKey>, StoreError> {
        let mut cmd = Cmd::new();
        cmd.arg("ZRANGE")
            .arg(self.names.index(owner.as_bytes()))
            .arg(0)
            .arg(-1);
        Ok(keys(self.ask(operation, Request::One(&cmd)).await?.pop()))
    }
}
