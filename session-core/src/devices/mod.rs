//! A user's sessions, as the user may see them.

mod device;
mod limit;

use std::{fmt, sync::Arc};

pub use self::{device::Device, limit::Excess};
use crate::{
    OwnedRecord, OwnerIndex, ServerSideBackend, Session, SessionError, StoreError, StoreKey,
};

/// The sessions of each user: to list them, to end one, all others or all, to allow so many.
///
/// A session belongs to whoever was signed in ([`Session::sign_in`], [`Session::set_owner`]). Each has a
/// handle, which names it to its owner and is of no use to anyone else: it is no session ID, and ends
/// nothing but a session of the same owner.
///
/// ```
/// use session_core::{Devices, ServerSideBackend, Session};
///
/// # async fn example(devices: Devices, session: Session) -> Result<(), Box<dyn std::error::Error>> {
/// // "Sign out everywhere else"
/// let ended = devices.end_others(&session).await?;
/// assert_eq!(devices.list(&session).await?.len(), 1);
/// # let _ = ended;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Devices {
    backend: ServerSideBackend,
    index: Arc<dyn OwnerIndex>,
}

impl Devices {
    /// Those of this backend, whose store is `index` as well.
    pub fn new(backend: ServerSideBackend, index: impl OwnerIndex) -> Self {
        Self {
            backend,
            index: Arc::new(index),
        }
    }

    /// All sessions of this one's owner, the newest sign-in first. None if it has no owner.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(&self, session: &Session) -> Result<Vec<Device>, StoreError> {
        match session.owner() {
            Some(owner) => self.list_of(&owner, session.stored_key()).await,
            None => Ok(Vec::new()),
        }
    }

    /// All sessions of this owner, the newest sign-in first: for administration.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list_owner(&self, owner: &str) -> Result<Vec<Device>, StoreError> {
        self.list_of(owner, None).await
    }

    /// Ends the session of the same owner that has this handle; whether there was one. It may be this one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn end(&self, session: &Session, handle: &str) -> Result<bool, StoreError> {
        match session.owner() {
            Some(owner) => self.end_of(&owner, handle).await,
            None => Ok(false),
        }
    }

    /// Ends the session of this owner that has this handle; whether there was one: for administration.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn end_of(&self, owner: &str, handle: &str) -> Result<bool, StoreError> {
        loop {
            let owned = self.index.list(owner).await?;
            let mut named = owned
                .into_iter()
                .filter(|owned| self.device(owned.clone(), None).handle() == handle);
            let Some(found) = named.next() else {
                return Ok(false);
            };
            if self.backend.delete_key(&found.key).await? {
                return Ok(true);
            }
            // It has another ID by now, or somebody else has ended it.
        }
    }

    /// Ends all other sessions of this one's owner, and stores this one first, so that it is there to stay;
    /// how many there were.
    ///
    /// # Errors
    /// Those of [`Session::save`], and of the store.
    pub async fn end_others(&self, session: &Session) -> Result<u64, SessionError> {
        session.save().await?;
        let (Some(owner), Some(this)) = (session.owner(), session.stored_key()) else {
            return Ok(0);
        };
        Ok(self.index.delete_owner(&owner, Some(&this)).await?)
    }

    /// Ends all sessions of this owner; how many there were.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn end_all(&self, owner: &str) -> Result<u64, StoreError> {
        self.index.delete_owner(owner, None).await
    }

    async fn list_of(
        &self,
        owner: &str,
        current: Option<StoreKey>,
    ) -> Result<Vec<Device>, StoreError> {
        let owned = self.index.list(owner).await?;
        let devices = owned.into_iter().map(|owned| self.device(owned, current));
        let mut devices: Vec<Device> = devices.collect();
        devices.sort_by_key(|device| std::cmp::Reverse(device.created_at()));
        Ok(devices)
    }

    fn device(&self, owned: OwnedRecord, current: Option<StoreKey>) -> Device {
        let is_current = current == Some(owned.key);
        let own = self.backend.own_of(&owned.key, &owned.record);
        let lifetime = own.lifetime.unwrap_or_else(|| self.backend.lifetime());
        Device::new(owned, own.signed, lifetime, is_current)
    }
}

impl fmt::Debug for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Devices")
            .field("backend", &self.backend)
            .finish_non_exhaustive()
    }
}
