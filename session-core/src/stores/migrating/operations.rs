use std::time::Duration;

use async_trait::async_trait;

use super::{
    Migrating,
    moving::Move,
    pending::{Found, find},
};
use crate::{
    NewRecord, Precondition, Record, SetOutcome, Store, StoreError, StoreKey, Ttl, Version,
};

/// The longest pause before a write asks again whether somebody else has done with the session.
const LONGEST_PAUSE: Duration = Duration::from_millis(32);

#[async_trait]
#[deny(
    clippy::missing_trait_methods,
    reason = "the provided ones ask one store alone"
)]
impl<New: Store, Old: Store> Store for Migrating<New, Old> {
    async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        self.look_up(key).await
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, StoreError> {
        match when {
            Precondition::Any => self.put(key, record, ttl).await,
            Precondition::Absent => {
                if self.old.exists(key).await? {
                    return Ok(SetOutcome::Conflict);
                }
                self.new.set(key, record, ttl, when).await
            }
            Precondition::Version(version) => {
                let outcome = self.new.set(key, record, ttl, when).await?;
                if outcome != SetOutcome::Missing {
                    return Ok(outcome);
                }
                let moved = self.move_over(key, Some(version), Some((record, ttl)));
                match moved.await? {
                    Move::Done(version) => Ok(SetOutcome::Stored(version)),
                    Move::Missing => self.gone(key).await,
                    Move::Conflict => Ok(SetOutcome::Conflict),
                }
            }
        }
    }

    /// The old store first; see `moving`.
    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        let was_old = self.old.delete(key).await?;
        let was_new = self.new.delete(key).await?;
        Ok(was_old || was_new)
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
        // A mark must not live any longer for it.
        if let Found::Moved(_) = find(&self.new, key).await? {
            return self.new.expire(key, ttl).await;
        }
        if self.old.expire(key, ttl).await? {
            return Ok(true);
        }
        match find(&self.new, key).await? {
            Found::Moved(_) => self.new.expire(key, ttl).await,
            Found::Pending | Found::Nothing => Ok(false),
        }
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, StoreError> {
        if self.old.exists(to).await? {
            return Ok(SetOutcome::Conflict);
        }
        let outcome = self.new.rename(from, to, record, ttl, version).await?;
        if outcome != SetOutcome::Missing {
            return Ok(outcome);
        }
        let version = match self.move_over(from, Some(version), None).await? {
            Move::Done(version) => version,
            Move::Missing => return self.gone(from).await,
            Move::Conflict => return Ok(SetOutcome::Conflict),
        };
        self.new.rename(from, to, record, ttl, version).await
    }

    async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
        Ok(self.look_up(key).await?.is_some())
    }

    async fn ttl(&self, key: &StoreKey) -> Result<Option<Duration>, StoreError> {
        Ok(self.look_up(key).await?.map(|record| record.expires_in))
    }
}

impl<New: Store, Old: Store> Migrating<New, Old> {
    /// What to tell who meant a session that has gone from the old store: somebody may have moved it.
    async fn gone(&self, key: &StoreKey) -> Result<SetOutcome, StoreError> {
        Ok(match find(&self.new, key).await? {
            Found::Moved(_) => SetOutcome::Conflict,
            Found::Pending | Found::Nothing => SetOutcome::Missing,
        })
    }

    /// Writes whatever is there.
    async fn put(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
    ) -> Result<SetOutcome, StoreError> {
        let mut pause = Duration::from_millis(1);
        loop {
            let moved = match find(&self.new, key).await? {
                Found::Moved(_) => Move::Missing,
                Found::Nothing | Found::Pending => {
                    self.move_over(key, None, Some((record, ttl))).await?
                }
            };
            match moved {
                Move::Done(version) => return Ok(SetOutcome::Stored(version)),
                // It is in the new store by now, or nowhere.
                Move::Missing => {
                    return self.new.set(key, record, ttl, Precondition::Any).await;
                }
                Move::Conflict => {
                    tokio::time::sleep(pause).await;
                    pause = (2 * pause).min(LONGEST_PAUSE);
                }
            }
        }
    }
}
