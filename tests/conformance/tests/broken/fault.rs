//! A store that is sound but for one fault.

use std::time::Duration;

use session_core::{
    Maintain, NewRecord, OwnedRecord, OwnerIndex, Precondition, Record, SetOutcome, Store,
    StoreKey, Ttl, Version, async_trait,
};
use tokio::time::sleep;

use crate::reference::{Answer, Reference};

/// The reference store, seen through a fault.
pub(crate) struct Broken<F> {
    pub(crate) db: Reference,
    pub(crate) fault: F,
}

/// No fault at all.
pub(crate) struct Sound;

impl Fault for Sound {}

/// Long enough for everybody else to get in between.
pub(crate) async fn moment() {
    sleep(Duration::from_millis(2)).await;
}

/// Declares a fault: the name of the law that catches it, and the methods that it breaks.
macro_rules! faults {
    ($($(#[$doc:meta])+ $name:ident { $($method:ident $args:tt $body:block)+ })+) => {$(
        $(#[$doc])+
        #[expect(non_camel_case_types, reason = "it bears the name of the law that catches it")]
        pub(crate) struct $name;

        impl $crate::broken::fault::Fault for $name {
            $($crate::broken::fault::method! { $method $args $body })+
        }
    )+};
}

/// Writes out the signature of a method of [`Fault`].
macro_rules! method {
    (get ($db:ident, $key:ident) $body:block) => {
        async fn get(&self, $db: &Reference, $key: &StoreKey) -> Answer<Option<Record>> $body
    };
    (set ($db:ident, $key:ident, $record:ident, $ttl:ident, $when:ident) $body:block) => {
        async fn set(
            &self,
            $db: &Reference,
            $key: &StoreKey,
            $record: &NewRecord<'_>,
            $ttl: Ttl,
            $when: Precondition,
        ) -> Answer<SetOutcome> $body
    };
    (delete ($db:ident, $key:ident) $body:block) => {
        async fn delete(&self, $db: &Reference, $key: &StoreKey) -> Answer<bool> $body
    };
    (expire ($db:ident, $key:ident, $ttl:ident) $body:block) => {
        async fn expire(&self, $db: &Reference, $key: &StoreKey, $ttl: Ttl) -> Answer<bool> $body
    };
    (rename ($db:ident, $from:ident, $to:ident, $record:ident, $ttl:ident, $version:ident)
        $body:block) => {
        async fn rename(
            &self,
            $db: &Reference,
            $from: &StoreKey,
            $to: &StoreKey,
            $record: &NewRecord<'_>,
            $ttl: Ttl,
            $version: Version,
        ) -> Answer<SetOutcome> $body
    };
    (exists ($db:ident, $key:ident) $body:block) => {
        async fn exists(&self, $db: &Reference, $key: &StoreKey) -> Answer<bool> $body
    };
    (ttl ($db:ident, $key:ident) $body:block) => {
        async fn ttl(&self, $db: &Reference, $key: &StoreKey) -> Answer<Option<Duration>> $body
    };
    (purge_expired ($db:ident, $limit:ident) $body:block) => {
        async fn purge_expired(&self, $db: &Reference, $limit: u32) -> Answer<u64> $body
    };
    (delete_all ($db:ident) $body:block) => {
        async fn delete_all(&self, $db: &Reference) -> Answer<u64> $body
    };
    (count ($db:ident) $body:block) => {
        async fn count(&self, $db: &Reference) -> Answer<u64> $body
    };
    (list ($db:ident, $owner:ident) $body:block) => {
        async fn list(&self, $db: &Reference, $owner: &str) -> Answer<Vec<OwnedRecord>> $body
    };
    (delete_owner ($db:ident, $owner:ident, $except:ident) $body:block) => {
        async fn delete_owner(
            &self,
            $db: &Reference,
            $owner: &str,
            $except: Option<&StoreKey>,
        ) -> Answer<u64> $body
    };
}

pub(crate) use {faults, method};

/// From one line per method: the trait whose methods a fault may break, each sound by default, and
/// the stores that are broken so.
macro_rules! methods {
    ($($kind:ident {
        $(fn $method:ident($($arg:ident: $type:ty),*) -> $output:ty;)+
    })+) => {
        pub(crate) trait Fault: Send + Sync + 'static {
            $($(fn $method(
                &self,
                db: &Reference,
                $($arg: $type),*
            ) -> impl Future<Output = Answer<$output>> + Send {
                async move { db.$method($($arg),*).await }
            })+)+
        }

        $(#[async_trait]
        impl<F: Fault> $kind for Broken<F> {
            $(async fn $method(&self, $($arg: $type),*) -> Answer<$output> {
                self.fault.$method(&self.db, $($arg),*).await
            })+
        })+
    };
}

methods! {
    Store {
        fn get(key: &StoreKey) -> Option<Record>;
        fn set(key: &StoreKey, record: &NewRecord<'_>, ttl: Ttl, when: Precondition) -> SetOutcome;
        fn delete(key: &StoreKey) -> bool;
        fn expire(key: &StoreKey, ttl: Ttl) -> bool;
        fn rename(
            from: &StoreKey,
            to: &StoreKey,
            record: &NewRecord<'_>,
            ttl: Ttl,
            version: Version
        ) -> SetOutcome;
        fn exists(key: &StoreKey) -> bool;
        fn ttl(key: &StoreKey) -> Option<Duration>;
    }
    Maintain {
        fn purge_expired(limit: u32) -> u64;
        fn delete_all() -> u64;
        fn count() -> u64;
    }
    OwnerIndex {
        fn list(owner: &str) -> Vec<OwnedRecord>;
        fn delete_owner(owner: &str, except: Option<&StoreKey>) -> u64;
    }
}
