//! From a session's changes to store operations.

use std::time::Duration;

use rand::RngExt as _;

use super::{ServerSideBackend, Token, TokenInstruction, counters::count};
use crate::{
    IdError, NewRecord, Operation, Precondition, Record, SessionError, SessionId, SetOutcome,
    StoreKey, Timestamp, Ttl, Version,
    codec::Document,
    session::{Origin, Plan, Shared, State, Stored, Write},
};

/// A source that gives an ID which exists already is broken; one try more tells it from chance.
const ID_COLLISIONS: u32 = 2;
/// The longest pause before a commit that met a conflict tries again.
const LONGEST_PAUSE: u64 = 32;

impl ServerSideBackend {
    /// Stores all changes; after a conflict, applies them again to what is stored by then. The
    /// caller holds the session's turn.
    pub(crate) async fn commit(&self, shared: &Shared) -> Result<(), SessionError> {
        let mut attempt = 0;
        while !self.commit_once(shared).await? {
            self.wait_for_turn(attempt).await?;
            attempt += 1;
            self.reload(shared).await?;
        }
        Ok(())
    }

    /// Stores all changes, unless another request changed the record: then `false`.
    pub(crate) async fn commit_once(&self, shared: &Shared) -> Result<bool, SessionError> {
        let mut collisions = 0;
        loop {
            let (plan, revision) = {
                let mut state = shared.state();
                let new_id = || Ok(self.generate_session_id()?);
                (state.plan(self.settings().rules, new_id), state.revision)
            };
            match self.carry_out(shared, plan?, revision).await {
                Ok(Step::Done) => return Ok(true),
                Ok(Step::Next) => {}
                Ok(Step::Changed) => return Ok(false),
                Ok(Step::Collision) if collisions < ID_COLLISIONS => {
                    collisions += 1;
                    shared.state().next_id = None;
                }
                Ok(Step::Collision) => {
                    return Err(IdError::new("it gives IDs that exist already").into());
                }
                Ok(Step::Ended { loss }) => {
                    self.end(shared);
                    return if loss {
                        Err(SessionError::Ended)
                    } else {
                        Ok(true)
                    };
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Pauses before another try, longer and more at random the more tries there were.
    pub(crate) async fn wait_for_turn(&self, attempt: u32) -> Result<(), SessionError> {
        count(&self.inner.counters.conflicts);
        if attempt >= self.settings().conflict_retries {
            return Err(SessionError::Conflict);
        }
        let longest = 1_u64.checked_shl(attempt).unwrap_or(u64::MAX);
        let pause = rand::rng().random_range(0..longest.min(LONGEST_PAUSE + 1));
        if pause > 0 {
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        Ok(())
    }

    /// The session is over, whatever this request still wanted of it.
    pub(super) fn end(&self, shared: &Shared) {
        count(&self.inner.counters.ended);
        shared.state().end();
    }

    async fn carry_out(
        &self,
        shared: &Shared,
        plan: Plan,
        revision: u64,
    ) -> Result<Step, SessionError> {
        match plan {
            Plan::Nothing => Ok(Step::Done),
            Plan::Over => Ok(Step::Ended {
                loss: shared.state().is_modified(),
            }),
            Plan::Renew { key, ttl } => self.renew(shared, &key, ttl).await,
            Plan::Destroy { key } => self.destroy(shared, &key).await,
            Plan::Empty { key, version } => self.empty(shared, &key, version, revision).await,
            Plan::Create { id, write } => self.create(shared, id, write, revision).await,
            Plan::Replace {
                key,
                version,
                write,
            } => self.replace(shared, &key, version, write, revision).await,
            Plan::Rotate {
                from,
                version,
                to,
                created_at,
                write,
            } => {
                let at = (from, version, created_at);
                self.rotate(shared, at, to, write, revision).await
            }
        }
    }

    async fn replace(
        &self,
        shared: &Shared,
        key: &StoreKey,
        version: Version,
        write: Write,
        revision: u64,
    ) -> Result<Step, SessionError> {
        let when = Precondition::Version(version);
        let version = match self.write(key, &write, when).await? {
            SetOutcome::Stored(version) => version,
            SetOutcome::Conflict => return Ok(Step::Changed),
            SetOutcome::Missing => return Ok(Step::Ended { loss: true }),
        };
        let mut state = shared.state();
        state.wrote(revision);
        let format = state.format;
        if let Origin::Stored(stored) = &mut state.origin {
            stored.written(version, write.data, format);
            stored.owner = write.owner;
            stored.extended(write.ttl.into());
        }
        state.extend_token(write.ttl);
        Ok(Step::Done)
    }

    async fn rotate(
        &self,
        shared: &Shared,
        (from, version, created_at): (StoreKey, Version, Timestamp),
        to: SessionId,
        write: Write,
        revision: u64,
    ) -> Result<Step, SessionError> {
        let key = to.store_key();
        let data = self.seal(&key, write.data.as_slice().into())?;
        let record = NewRecord::new(&data)
            .owner(write.owner.as_deref())
            .created_at(Some(created_at));
        let rename = self
            .store_ref()
            .rename(&from, &key, &record, write.ttl, version);
        let version = match self.call(Operation::Rename, rename).await? {
            SetOutcome::Stored(version) => version,
            SetOutcome::Conflict => return Ok(Step::Changed),
            SetOutcome::Missing => return Ok(Step::Ended { loss: true }),
        };
        let mut state = shared.state();
        let age = state.stored().map(Stored::age).unwrap_or_default();
        let mut record = Record::new(Vec::new(), version, write.ttl.into());
        record.created_at = created_at;
        record.age = age;
        state.moved(to, key, record, write, revision);
        Ok(Step::Done)
    }

    async fn renew(&self, shared: &Shared, key: &StoreKey, ttl: Ttl) -> Result<Step, SessionError> {
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
        state.extend_token(ttl);
        Ok(Step::Done)
    }

    async fn destroy(&self, shared: &Shared, key: &StoreKey) -> Result<Step, SessionError> {
        let deleted = self
            .call(Operation::Delete, self.store_ref().delete(key))
            .await?;
        let mut state = shared.state();
        state.ending = None;
        if deleted {
            state.instruction = TokenInstruction::Remove;
            return Ok(Step::Next);
        }
        // Someone else ended it or gave it another ID: the client's token is not ours to touch.
        Ok(Step::Ended {
            loss: state.is_modified(),
        })
    }

    async fn empty(
        &self,
        shared: &Shared,
        key: &StoreKey,
        version: Version,
        revision: u64,
    ) -> Result<Step, SessionError> {
        // By compare and swap first, so that a value put by another request is not deleted.
        let write = Write {
            data: shared.state().encode(),
            owner: None,
            ttl: Ttl::MIN,
        };
        match self
            .write(key, &write, Precondition::Version(version))
            .await?
        {
            SetOutcome::Stored(_) => {
                self.call(Operation::Delete, self.store_ref().delete(key))
                    .await?;
                let mut state = shared.state();
                state.origin = Origin::None;
                state.wrote(revision);
                state.instruction = TokenInstruction::Remove;
                Ok(Step::Done)
            }
            SetOutcome::Conflict => Ok(Step::Changed),
            SetOutcome::Missing => Ok(Step::Ended { loss: true }),
        }
    }

    async fn create(
        &self,
        shared: &Shared,
        id: SessionId,
        write: Write,
        revision: u64,
    ) -> Result<Step, SessionError> {
        let key = id.store_key();
        let outcome = self.write(&key, &write, Precondition::Absent).await?;
        Ok(match outcome {
            SetOutcome::Stored(version) => {
                let record = Record::new(Vec::new(), version, write.ttl.into());
                shared.state().moved(id, key, record, write, revision);
                Step::Done
            }
            SetOutcome::Conflict | SetOutcome::Missing => Step::Collision,
        })
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

/// What came of one store operation.
enum Step {
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

impl State {
    /// What was pending at this revision is stored.
    fn wrote(&mut self, revision: u64) {
        self.rotate = false;
        self.next_id = None;
        self.eager = false;
        // What a handler did during the write stays pending; storing a part again is harmless.
        if self.revision == revision {
            self.changes = Default::default();
        }
    }

    /// The session is stored under this ID now.
    fn moved(
        &mut self,
        id: SessionId,
        key: StoreKey,
        mut record: Record,
        write: Write,
        revision: u64,
    ) {
        self.wrote(revision);
        record.owner = write.owner;
        let document = Document::parse(write.data.into(), self.format).unwrap_or_default();
        self.instruction = TokenInstruction::Set(Token {
            id: id.clone(),
            ttl: write.ttl.into(),
            persistent: self.own.persistent,
        });
        self.origin = Origin::Stored(Box::new(Stored::new(id, key, record, document)));
    }

    /// The token that the client holds is good for longer.
    fn extend_token(&mut self, ttl: Ttl) {
        let Some(stored) = self.stored() else {
            return;
        };
        let token = Token {
            id: stored.id.clone(),
            ttl: ttl.into(),
            persistent: self.own.persistent,
        };
        self.instruction = match self.instruction {
            TokenInstruction::Set(_) => TokenInstruction::Set(token),
            _ => TokenInstruction::Extend(token),
        };
    }
}
