use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

use crate::{
    NewRecord, OwnedRecord, OwnerIndex, Precondition, Record, SetOutcome, Store, StoreError,
    StoreKey, Ttl, Version,
};

/// A part of a store that knows nothing of its other parts.
///
/// For several kinds of sessions in one store: an ID of one is no ID of the other, and an owner's
/// sessions in one are not listed in the other. It costs no operation. A namespace of a namespace is
/// another one.
///
/// There is no [`Maintain`](crate::Maintain) on a part: which records are its own cannot be told from
/// their keys. Sweep the store itself; where a part must be counted or emptied by itself, give it a
/// table or key prefix of its own instead, as each store's builder offers.
///
/// ```
/// use session_core::{Namespaced, NewRecord, Precondition, Store, StoreError, StoreKey, Ttl};
///
/// # async fn example(store: std::sync::Arc<dyn Store>) -> Result<(), Box<dyn std::error::Error>> {
/// let shop = Namespaced::new(store.clone(), "shop");
/// let admin = Namespaced::new(store, "admin");
///
/// let key = StoreKey::digest(b"the bytes of a session ID");
/// let cart = NewRecord::new(b"cart");
/// shop.set(&key, &cart, Ttl::from_secs(60)?, Precondition::Absent).await?;
/// assert!(admin.get(&key).await?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Namespaced<S> {
    store: S,
    mask: [u8; StoreKey::LEN],
    /// What begins the owners' names.
    prefix: Arc<str>,
}

impl<S> Namespaced<S> {
    /// The part of this name: any text.
    pub fn new(store: S, name: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"session namespace\0");
        digest.update(name);
        Self {
            store,
            mask: digest.finalize().into(),
            // With its length, so that no name and owner read like another name and owner.
            prefix: format!("{}:{name}:", name.len()).into(),
        }
    }

    /// The key that the store knows. Not a digest, so that a listed one can be told as it was given;
    /// turned before it is masked, so that a namespace within itself or another is neither none nor that
    /// other one within this.
    fn key(&self, given: &StoreKey) -> StoreKey {
        let mut bytes = *given.as_bytes();
        bytes.rotate_left(1);
        StoreKey::from_bytes(self.masked(bytes))
    }

    fn given_key(&self, key: &StoreKey) -> StoreKey {
        let mut bytes = self.masked(*key.as_bytes());
        bytes.rotate_right(1);
        StoreKey::from_bytes(bytes)
    }

    fn masked(&self, mut bytes: [u8; StoreKey::LEN]) -> [u8; StoreKey::LEN] {
        for (byte, mask) in bytes.iter_mut().zip(self.mask) {
            *byte ^= mask;
        }
        bytes
    }

    fn owner(&self, owner: &str) -> String {
        format!("{}{owner}", self.prefix)
    }

    /// As it was given.
    fn given(&self, mut record: Record) -> Record {
        record.owner = record
            .owner
            .map(|owner| owner.strip_prefix(&*self.prefix).unwrap_or(&owner).into());
        record
    }
}

#[async_trait]
#[deny(
    clippy::missing_trait_methods,
    reason = "the store's overrides must not get lost"
)]
impl<S: Store> Store for Namespaced<S> {
    async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
        let record = self.store.get(&self.key(key)).await?;
        Ok(record.map(|record| self.given(record)))
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, StoreError> {
        let owner = record.owner.map(|owner| self.owner(owner));
        let record = record.owner(owner.as_deref());
        self.store.set(&self.key(key), &record, ttl, when).await
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.store.delete(&self.key(key)).await
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
        self.store.expire(&self.key(key), ttl).await
    }

    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, StoreError> {
        let owner = record.owner.map(|owner| self.owner(owner));
        let record = record.owner(owner.as_deref());
        let (from, to) = (self.key(from), self.key(to));
        self.store.rename(&from, &to, &record, ttl, version).await
    }

    async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.store.exists(&self.key(key)).await
    }

    async fn ttl(&self, key: &StoreKey) -> Result<Option<Duration>, StoreError> {
        self.store.ttl(&self.key(key)).await
    }
}

#[async_trait]
#[deny(
    clippy::missing_trait_methods,
    reason = "the store's overrides must not get lost"
)]
impl<S: OwnerIndex> OwnerIndex for Namespaced<S> {
    async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
        let owned = self.store.list(&self.owner(owner)).await?;
        let given = |owned: OwnedRecord| {
            OwnedRecord::new(self.given_key(&owned.key), self.given(owned.record))
        };
        Ok(owned.into_iter().map(given).collect())
    }

    async fn delete_owner(
        &self,
        owner: &str,
        except: Option<&StoreKey>,
    ) -> Result<u64, StoreError> {
        let except = except.map(|key| self.key(key));
        let owner = self.owner(owner);
        self.store.delete_owner(&owner, except.as_ref()).await
    }
}
