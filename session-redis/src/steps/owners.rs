use std::collections::HashSet;

use futures_util::future::try_join_all;
use redis::{Cmd, Value};
use session_core::{Operation, OwnedRecord, Record, StoreError, StoreKey};

use super::{AT_ONCE, STEPS, crowded, pause};
use crate::{
    link::Request,
    run::{DONE, UNSETTLED, not_understood},
    store::Shared,
};

/// When an index has been gone through often enough.
///
/// A record that moves while the index is gone through may be missed under both of its names: where it comes
/// to was looked at before, where it was is looked at after. So all is looked at again, until nothing
/// was there, and nothing was missing that had not been missing before: whatever moved meanwhile would have
/// had a new name in the index.
#[derive(Default)]
struct Passes {
    missing: HashSet<StoreKey>,
    is_last: bool,
}

impl Passes {
    fn begin(&mut self, members: &[StoreKey]) {
        self.is_last = members.iter().all(|key| self.missing.contains(key));
    }

    fn found(&mut self) {
        self.is_last = false;
    }

    fn gone(&mut self, key: StoreKey) {
        self.missing.insert(key);
    }

    fn is_last(&self) -> bool {
        self.is_last
    }
}

impl Shared {
    pub(crate) async fn list_in_steps(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        let operation = Operation::List;
        let (mut passes, mut listed) = (Passes::default(), Vec::new());
        for _ in 0..STEPS {
            let mut members = self.members(operation, owner).await?;
            members.retain(|key| listed.iter().all(|it: &OwnedRecord| it.key != *key));
            passes.begin(&members);
            for keys in members.chunks(AT_ONCE) {
                let records = keys.iter().map(|key| self.owned(operation, key, owner));
                for (key, record) in keys.iter().zip(try_join_all(records).await?) {
                    match record {
                        Some(record) => listed.push(OwnedRecord::new(*key, record)),
                        None => passes.gone(*key),
                    }
                }
            }
            if passes.is_last() {
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
        let (mut passes, mut removed) = (Passes::default(), 0);
        for step in 0..STEPS {
            let mut members = self.members(operation, owner).await?;
            members.retain(|key| Some(key) != except);
            passes.begin(&members);
            let mut open = false;
            for keys in members.chunks(AT_ONCE) {
                let deletes = keys
                    .iter()
                    .map(|key| self.delete(operation, key, Some(owner)));
                for (key, answer) in keys.iter().zip(try_join_all(deletes).await?) {
                    match answer.if_done()? {
                        DONE => {
                            removed += 1;
                            passes.found();
                        }
                        UNSETTLED => {
                            open = true;
                            passes.found();
                        }
                        _ => passes.gone(*key),
                    }
                }
            }
            if passes.is_last() {
                return Ok(removed);
            }
            if open {
                pause(step).await;
            }
        }
        Err(crowded(operation))
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
        let index = self.names.index(owner.as_bytes());
        let mut cmd = Cmd::new();
        cmd.arg("ZRANGE").arg(&index).arg(0).arg(-1);
        let answer = self.ask(operation, &index, Request::One(&cmd)).await?.pop();
        keys(answer).ok_or_else(|| not_understood(operation))
    }
}

/// The keys that an index answered, each once, though it may have several claims.
fn keys(answer: Option<Value>) -> Option<Vec<StoreKey>> {
    let Some(Value::Array(members)) = answer else {
        return None;
    };
    let (mut seen, mut keys) = (HashSet::new(), Vec::new());
    for member in members {
        let Value::BulkString(member) = member else {
            return None;
        };
        let key = member.get(..StoreKey::LEN)?;
        let key = StoreKey::try_from(key).ok()?;
        if seen.insert(key) {
            keys.push(key);
        }
    }
    Some(keys)
}
