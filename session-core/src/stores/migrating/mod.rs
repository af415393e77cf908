//! Two stores as one, while sessions move from one to the other.

mod housekeeping;
mod moving;
mod operations;
mod pending;

use std::fmt;

use self::pending::{Found, find};
use crate::{Record, Store, StoreError, StoreKey};

/// Moves sessions from an old store to a new one while they are used: nobody is signed out.
///
/// What is read is read where it is; what is written is moved first, once. After the longest lifetime
/// of a session, all that is left in the old store has expired, and the new store can be used alone. What
/// the new store holds then is what it would hold without this.
///
/// Let every server of the application use it before the first session moves: one that knows the old
/// store alone does not find what has moved.
///
/// ```
/// use session_core::{Migrating, NewRecord, Precondition, Store, StoreError, StoreKey, Ttl};
///
/// # async fn example(redis: impl Store, sqlite: impl Store) -> Result<(), Box<dyn std::error::Error>> {
/// // Say, from a `SqliteStore` to a `RedisStore`.
/// let store = Migrating::new(redis, sqlite);
///
/// let key = StoreKey::digest(b"the bytes of a session ID");
/// store.get(&key).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Costs
///
/// A session that has moved costs one operation to read and one to write, in the new store; one that has
/// not costs two to read, and six to write for the first time (eight to rename). Creating one costs two, as
/// do a renewal and a logout; a token that neither store knows costs three.
///
/// # Limits
///
/// - A rename moves a session before it renames it: cut off between the two, it has moved, and has another
///   version.
/// - Cut off while it moves, a session can be read as before; its next write may be told `Conflict` for up to
///   ten seconds. Cut off right after it has moved, its old copy stays behind, hidden by the new one; a
///   logout ends both, as does `delete_owner`.
/// - `count`, `delete_all` and `delete_owner` count a session twice that moves at that moment, or of which a
///   copy stayed behind.
/// - The new store's limits apply to what moves into it: its size of a record, its owners.
#[derive(Clone)]
pub struct Migrating<New, Old> {
    new: New,
    old: Old,
}

impl<New, Old> Migrating<New, Old> {
    /// Moves sessions from `old` to `new`.
    pub const fn new(new: New, old: Old) -> Self {
        Self { new, old }
    }
}

impl<New: Store, Old: Store> Migrating<New, Old> {
    /// The record of this key, wherever it is.
    async fn look_up(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        if let Found::Moved(record) = find(&self.new, key).await? {
            return Ok(Some(record));
        }
        if let Some(record) = self.old.get(key).await? {
            return Ok(Some(record));
        }
        // Gone from the old one since the new one was asked, it may have moved.
        match find(&self.new, key).await? {
            Found::Moved(record) => Ok(Some(record)),
            Found::Pending | Found::Nothing => Ok(None),
        }
    }
}

impl<New, Old> fmt::Debug for Migrating<New, Old> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migrating").finish_non_exhaustive()
    }
}
