//! A reference, a box or an `Arc` of a store is a store, `dyn Store` included.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{
    Maintain, NewRecord, OwnedRecord, OwnerIndex, Precondition, Record, SetOutcome, Store,
    StoreError, Ttl, Version,
};
use crate::StoreKey;

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods, reason = "an override must not get lost on the way")]
        impl<S: Store + ?Sized> Store for $pointer {
            async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
                (**self).get(key).await
            }

            async fn set(
                &self,
                key: &StoreKey,
                record: &NewRecord<'_>,
                ttl: Ttl,
                when: Precondition,
            ) -> Result<SetOutcome, StoreError> {
                (**self).set(key, record, ttl, when).await
            }

            async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
                (**self).delete(key).await
            }

            async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
                (**self).expire(key, ttl).await
            }

            async fn rename(
                &self,
                from: &StoreKey,
                to: &StoreKey,
                record: &NewRecord<'_>,
                ttl: Ttl,
                version: Version,
            ) -> Result<SetOutcome, StoreError> {
                (**self).rename(from, to, record, ttl, version).await
            }

            async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
                (**self).exists(key).await
            }

            async fn ttl(&self, key: &StoreKey) -> Result<Option<Duration>, StoreError> {
                (**self).ttl(key).await
            }
        }

        #[async_trait]
        #[deny(clippy::missing_trait_methods, reason = "an override must not get lost on the way")]
        impl<S: Maintain + ?Sized> Maintain for $pointer {
            async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
                (**self).purge_expired(limit).await
            }

            async fn delete_all(&self) -> Result<u64, StoreError> {
                (**self).delete_all().await
            }

            async fn count(&self) -> Result<u64, StoreError> {
                (**self).count().await
            }
        }

        #[async_trait]
        #[deny(clippy::missing_trait_methods, reason = "an override must not get lost on the way")]
        impl<S: OwnerIndex + ?Sized> OwnerIndex for $pointer {
            async fn list(&self, owner: &str) -> Result<Vec<OwnedRecord>, StoreError> {
                (**self).list(owner).await
            }

            async fn delete_owner(
                &self,
                owner: &str,
                except: Option<&StoreKey>,
            ) -> Result<u64, StoreError> {
                (**self).delete_owner(owner, except).await
            }
        }
    )+};
}

forward!(&'static S, Box<S>, Arc<S>);
