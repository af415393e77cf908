//! The store operations that a commit is made of, one function each.

use std::{mem, time::Duration};

use super::{ServerSideBackend, TokenInstruction};
use crate::{
    NewRecord, Operation, Precondition, Record, SessionError, SessionId, SetOutcome, StoreKey, Ttl,
    Version,
    codec::Document,
    session::{Marks, Origin, RotatedFrom, Shared, Stored, Write},
};

/// How long a rotation waits for the news that its client has closed the connection, which would
/// leave that client with a dead ID: what a server learns of while a request is being answered
/// drops the request.
const FAREWELL: Duration = Duration::from_millis(1);

/// What came of one store operation.
pub(super) enum Step {
    /// All is stored.
    Done,
    /// There is more to do.
    Next,
    /// Another request changed the record.
    Changed,
    /// The new ID is taken.
    Collision,
    /// The record is gone; whether changes are lost with it.
    Ended { loss: bool },
}

impl Step {
    /// `false`: a handler destroyed the session while the operation was on its way.
    const fn settled(settled: bool) -> Self {
        if settled { Self::Done } else { Self::Next }
    }
}

impl ServerSideBackend {
    pub(super) async fn create(
        &self,
        shared: &Shared,
        id: &SessionId,
        write: &mut Write,
        seen: &Marks,
    ) -> Result<Step, SessionError> {
        let key = id.store_key();
        match self.write(&key, write, Precondition::Absent).await? {
            SetOutcome::Stored(version) => {
                let record = Record::new(Vec::new(), version, write.ttl.into());
                Ok(moved(shared, (id, key), record, write, seen))
            }
            SetOutcome::Conflict | SetOutcome::Missing => Ok(Step::Collision),
        }
    }

    pub(super) async fn replace(
        &self,
        shared: &Shared,
        key: &StoreKey,
        version: Version,
        write: &mut Write,
        seen: &Marks,
    ) -> Result<Step, SessionError> {
        let when = Precondition::Version(version);
        Ok(match self.write(key, write, when).await? {
            SetOutcome::Stored(version) => {
                Step::settled(shared.state().replaced(version, write, seen))
            }
            SetOutcome::Conflict => Step::Changed,
            SetOutcome::Missing => Step::Ended { loss: true },
        })
    }

    pub(super) async fn rotate(
        &self,
        shared: &Shared,
        from: &RotatedFrom,
        to: &SessionId,
        write: &mut Write,
        seen: &Marks,
    ) -> Result<Step, SessionError> {
        let key = to.store_key();
        if key == from.key {
            return Ok(Step::Collision);
        }
        // A client that has left by now gets no new ID: then this future is dropped here.
        tokio::time::sleep(FAREWELL).await;
        let data = self.seal(&key, write.data.as_slice().into())?;
        let record = NewRecord::new(&data)
            .owner(write.owner.as_deref())
            .created_at(from.created_at);
        let rename = self
            .store_ref()
            .rename(&from.key, &key, &record, write.ttl, from.version);
        match self.call(Operation::Rename, rename).await? {
            SetOutcome::Stored(version) => {
                let mut record = Record::new(Vec::new(), version, write.ttl.into());
                if let Some(created_at) = from.created_at {
                    record.created_at = created_at;
                    record.age = shared.state().stored().map(Stored::age).unwrap_or_default();
                }
                Ok(moved(shared, (to, key), record, write, seen))
            }
            // Rare enough to ask which of the two was in the way.
            SetOutcome::Conflict => {
                let taken = self.call(Operation::Exists, self.store_ref().exists(&key));
                Ok(if taken.await? {
                    Step::Collision
                } else {
                    Step::Changed
                })
            }
            SetOutcome::Missing => Ok(Step::Ended { loss: true }),
        }
    }

    pub(super) async fn renew(
        &self,
        shared: &Shared,
        key: &StoreKey,
        ttl: Ttl,
    ) -> Result<Step, SessionError> {
        let extended = self
            .call(Operation::Expire, self.store_ref().expire(key, ttl))
            .await?;
        if !extended {
            return Ok(Step::Ended { loss: false });
        }
        let mut state = shared.state();
        if let Origin::Stored(stored) = &mut state.origin {
            stored.extended(ttl.into());
        }
        Ok(Step::Done)
    }

    pub(super) async fn destroy(
        &self,
        shared: &Shared,
        key: &StoreKey,
    ) -> Result<Step, SessionError> {
        let deleted = self
            .call(Operation::Delete, self.store_ref().delete(key))
            .await?;
        let mut state = shared.state();
        state.ending = None;
        if deleted {
            state.instruction = TokenInstruction::Remove;
            return Ok(Step::Next);
        }
        // Someone else ended it, or gave it another ID under which it may live on: neither is the
        // client's token ours to touch, nor can this be called a logout.
        Ok(Step::Ended { loss: true })
    }

    pub(super) async fn empty(
        &self,
        shared: &Shared,
        key: &StoreKey,
        version: Version,
        seen: &Marks,
    ) -> Result<Step, SessionError> {
        // By compare and swap first, so that a value put by another request is not deleted.
        let write = Write {
            data: shared.state().encode_empty(),
            owner: None,
            ttl: Ttl::MIN,
            longest: Ttl::MIN,
            own_changed: false,
        };
        let when = Precondition::Version(version);
        match self.write(key, &write, when).await? {
            SetOutcome::Stored(_) => {
                self.call(Operation::Delete, self.store_ref().delete(key))
                    .await?;
                Ok(Step::settled(shared.state().emptied(seen)))
            }
            SetOutcome::Conflict => Ok(Step::Changed),
            SetOutcome::Missing => Ok(Step::Ended { loss: true }),
        }
    }

    async fn write(
        &self,
        key: &StoreKey,
        write: &Write,
        when: Precondition,
    ) -> Result<SetOutcome, SessionError> {
        let data = self.seal(key, write.data.as_slice().into())?;
        let record = NewRecord::new(&data).owner(write.owner.as_deref());
        let set = self.store_ref().set(key, &record, write.ttl, when);
        Ok(self.call(Operation::Set, set).await?)
    }
}

/// The session is stored under this ID now.
fn moved(
    shared: &Shared,
    (id, key): (&SessionId, StoreKey),
    mut record: Record,
    write: &mut Write,
    seen: &Marks,
) -> Step {
    record.owner = write.owner.take();
    let mut state = shared.state();
    let document = Document::written(mem::take(&mut write.data), state.format);
    let stored = Stored::new(id.clone(), key, record, document);
    Step::settled(state.moved(stored, write.longest, seen))
}
