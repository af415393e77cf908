//! How one session moves.
//!
//! The old store has no compare and swap with the new one, so a mark in the new store lets one mover at
//! a time in. Whoever ends the session asks the old store first and the new one second; so if the session is
//! there once the mark is, either it moves before it is ended, and is ended in the new store, or the
//! mark goes with it, and the move with the mark.

use super::{
    Migrating,
    pending::{mark, unmark},
};
use crate::{NewRecord, Precondition, SetOutcome, Store, StoreError, StoreKey, Ttl, Version};

/// What came of a move.
pub(super) enum Move {
    /// It is in the new store, at this version.
    Done(Version),
    /// The old store has none, or has no longer.
    Missing,
    /// It has another version, or somebody else is at it.
    Conflict,
}

impl<New: Store, Old: Store> Migrating<New, Old> {
    /// Moves a session that the new store does not have, if it has this version: as it is, or as this from now
    /// on.
    pub(super) async fn move_over(
        &self,
        key: &StoreKey,
        version: Option<Version>,
        become_this: Option<(&NewRecord<'_>, Ttl)>,
    ) -> Result<Move, StoreError> {
        let Some(before) = self.old.get(key).await? else {
            return Ok(Move::Missing);
        };
        if version.is_some_and(|version| version != before.version) {
            return Ok(Move::Conflict);
        }
        let Some(mark) = mark(&self.new, key, &before).await? else {
            return Ok(Move::Conflict);
        };
        let now = self.old.get(key).await?;
        let Some(now) = now.filter(|now| now.version == before.version) else {
            unmark(&self.new, key, mark).await?;
            return Ok(Move::Missing);
        };
        let Ok(ttl) = Ttl::try_from(now.expires_in) else {
            unmark(&self.new, key, mark).await?;
            return Ok(Move::Missing);
        };
        let as_it_is = NewRecord::new(&now.data).owner(now.owner.as_deref());
        let (record, ttl) = become_this.unwrap_or((&as_it_is, ttl));
        // Keeps what the mark has: when the session began.
        let when = Precondition::Version(mark);
        match self.new.set(key, record, ttl, when).await? {
            SetOutcome::Stored(version) => {
                // From now on it is hidden by the new one; what is left is to give its room back.
                self.old.delete(key).await?;
                Ok(Move::Done(version))
            }
            SetOutcome::Conflict => Ok(Move::Conflict),
            SetOutcome::Missing => Ok(Move::Missing),
        }
    }
}
