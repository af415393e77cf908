//! From a session's changes to store operations.

use std::time::Duration;

use rand::RngExt as _;

use super::{ServerSideBackend, counters::count, operations::Step};
use crate::{
    IdError, Operation, SessionError,
    session::{Marks, Plan, Shared},
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
            let (mut plan, seen) = {
                let mut state = shared.state();
                let new_id = || Ok(self.generate_session_id()?);
                (state.plan(self.settings().rules, new_id)?, state.marks)
            };
            match self.carry_out(shared, &mut plan, &seen).await? {
                Step::Done => return Ok(true),
                Step::Next => {}
                Step::Changed => return Ok(false),
                Step::Collision if collisions < ID_COLLISIONS => {
                    collisions += 1;
                    shared.state().next_id = None;
                }
                Step::Collision => {
                    return Err(IdError::new("it gives IDs that exist already").into());
                }
                Step::Ended { loss } => {
                    self.end(shared);
                    return if loss {
                        Err(SessionError::Ended)
                    } else {
                        Ok(true)
                    };
                }
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

    /// Takes what it stores out of the plan. By reference, as all that it calls: each future would
    /// else hold the plan once more.
    async fn carry_out(
        &self,
        shared: &Shared,
        plan: &mut Plan,
        seen: &Marks,
    ) -> Result<Step, SessionError> {
        match plan {
            Plan::Nothing => Ok(Step::Done),
            Plan::Over { key } => {
                // Or the next request would find it, and fail as this one does.
                self.call(Operation::Delete, self.store_ref().delete(key))
                    .await?;
                Ok(Step::Ended {
                    loss: shared.state().is_modified(),
                })
            }
            Plan::Renew { key, ttl } => self.renew(shared, key, *ttl).await,
            Plan::Destroy { key } => self.destroy(shared, key).await,
            Plan::Empty { key, version } => self.empty(shared, key, *version, seen).await,
            Plan::Create { id, write } => self.create(shared, id, write, seen).await,
            Plan::Replace {
                key,
                version,
                write,
            } => self.replace(shared, key, *version, write, seen).await,
            Plan::Rotate { from, to, write } => self.rotate(shared, from, to, write, seen).await,
        }
    }
}
