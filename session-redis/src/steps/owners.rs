use std::collections::HashSet;

use futures_util::future::{join_all, try_join_all};
use redis::{Cmd, Value};
use session_core::{Operation, OwnedRecord, Record, StoreError, StoreKey};

use super::{AT_ONCE, STEPS, crowded, pause};
use crate::{
    link::Request,
    run::{Answer, DONE, UNSETTLED, not_understood},
    store::Shared,
};

/// When an index has been gone through often enough.
///
/// A record that moves while the index is gone through may be missed under both of its names: where it comes
/// to was looked at before, where it was is looked at after. So all is looked at again, until nothing was
/// there, nothing was missing that had not been missing before, and the index then names nothing else: whatever
/// moved meanwhile has a new name there, and had it there before it moved.
struct Passes<'a> {
    shared: &'a Shared,
    operation: Operation,
    owner: &'a str,
    missing: HashSet<StoreKey>,
    /// Whether something was there that had been missing, or is no longer.
    changed: bool,
    first: bool,
}

impl<'a> Passes<'a> {
    fn new(shared: &'a Shared, operation: Operation, owner: &'a str) -> Self {
        Self {
            shared,
            operation,
            owner,
            missing: HashSet::new(),
            changed: false,
            first: true,
        }
    }

    /// What is to be looked at, but for what is `done`; `None` if all has been often enough.
    async fn next(
        &mut self,
        done: impl Fn(&StoreKey) -> bool,
    ) -> Result<Option<Vec<StoreKey>>, StoreError> {
        let mut members = self.shared.members(self.operation, self.owner).await?;
        members.retain(|key| !done(key));
        let is_known = members.iter().all(|key| self.missing.contains(key));
        // With nothing to look at, nothing can move meanwhile.
        let is_over = is_known && (members.is_empty() || !(self.first || self.changed));
        (self.first, self.changed) = (false, !is_known);
        Ok((!is_over).then_some(members))
    }

    fn found(&mut self) {
        self.changed = true;
    }

    fn gone(&mut self, key: StoreKey) {
        self.missing.insert(key);
    }
}

impl Shared {
    pub(crate) async fn list_in_steps(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        let operation = Operation::List;
        let mut passes = Passes::new(self, operation, owner);
        let (mut listed, mut seen) = (Vec::new(), HashSet::new());
        for _ in 0..STEPS {
            let Some(members) = passes.next(|key| seen.contains(key)).await? else {
                return Ok(listed);
            };
            for keys in members.chunks(AT_ONCE) {
                let records = keys.iter().map(|key| self.owned(operation, key, owner));
                for (key, record) in keys.iter().zip(try_join_all(records).await?) {
                    match record {
                        Some(record) => {
                            seen.insert(*key);
                            listed.push(OwnedRecord::new(*key, record));
                            passes.found();
                        }
                        None => passes.gone(*key),
                    }
                }
            }
        }
        Err(crowded(operation))
    }

    /// Ends what can be ended: a node that does not answer, or a key that is no record, spares nobody else's.
    /// What failed is not tried again, and the first fault is the answer.
    pub(crate) async fn delete_owner_in_steps(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        let operation = Operation::DeleteOwner;
        let (mut passes, mut removed) = (Passes::new(self, operation, owner), 0);
        let (mut fault, mut failed) = (None, HashSet::new());
        for step in 0..STEPS {
            let is_done = |key: &StoreKey| Some(key) == except || failed.contains(key);
            let members = match passes.next(is_done).await {
                Ok(Some(members)) => members,
                Ok(None) => return fault.map_or(Ok(removed), Err),
                Err(error) => return Err(fault.unwrap_or(error)),
            };
            let mut open = false;
            for keys in members.chunks(AT_ONCE) {
                let deletes = keys
                    .iter()
                    .map(|key| self.delete(operation, key, Some(owner)));
                for (key, answer) in keys.iter().zip(join_all(deletes).await) {
                    match answer.and_then(Answer::if_done) {
                        Ok(DONE) => {
                            removed += 1;
                            passes.found();
                        }
                        Ok(UNSETTLED) => {
                            open = true;
                            passes.found();
                        }
                        Ok(_) => passes.gone(*key),
                        Err(error) => {
                            failed.insert(*key);
                            fault.get_or_insert(error);
                        }
                    }
                }
            }
            if open {
                pause(step).await;
            }
        }
        Err(fault.unwrap_or_else(|| crowded(operation)))
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
