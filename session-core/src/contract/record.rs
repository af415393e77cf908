use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{Timestamp, Version};
use crate::StoreKey;

/// What [`Store::get`](crate::Store::get) returns.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The bytes as they were given to `set`. Cloning shares them.
    pub data: Bytes,
    /// Whose session it is, as given to `set`.
    pub owner: Option<Arc<str>>,
    /// The write that this is.
    pub version: Version,
    /// When the record came into being, by the store's clock unless the creator gave a time.
    /// For people and lists; decisions are made on `age`.
    pub created_at: Timestamp,
    /// The time since `created_at`, by the store's clock.
    pub age: Duration,
    /// The time that is left to live, by the store's clock; more than zero.
    pub expires_in: Duration,
}

impl Record {
    /// A record without an owner, created now.
    pub fn new(data: impl Into<Bytes>, version: Version, expires_in: Duration) -> Self {
        Self {
            data: data.into(),
            owner: None,
            version,
            created_at: Timestamp::now(),
            age: Duration::ZERO,
            expires_in,
        }
    }

    /// Sets the owner.
    #[must_use]
    pub fn owner(mut self, owner: Option<Arc<str>>) -> Self {
        self.owner = owner;
        self
    }

    /// Sets when it came into being, given the store's own time now.
    #[must_use]
    pub fn created_at(mut self, created_at: Timestamp, now: Timestamp) -> Self {
        self.created_at = created_at;
        self.age = now.since(created_at);
        self
    }
}

impl fmt::Debug for Record {
    /// Shows the length of `data`, never the data: it belongs to a user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("data_len", &self.data.len())
            .field("owned", &self.owner.is_some())
            .field("version", &self.version)
            .field("created_at", &self.created_at)
            .field("age", &self.age)
            .field("expires_in", &self.expires_in)
            .finish()
    }
}

/// What [`Store::set`](crate::Store::set) is given. Borrowed, so that handing it over copies
/// nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewRecord<'a> {
    /// Any bytes: empty ones, NUL and 1 MiB included.
    pub data: &'a [u8],
    /// Whose session it is; what [`OwnerIndex`](crate::OwnerIndex) finds it by.
    pub owner: Option<&'a str>,
    /// For a record that comes into being by this `set`: when its session began, if that was
    /// earlier than now by the store's clock (an ID rotated, a store moved). A record that exists
    /// keeps its own.
    pub created_at: Option<Timestamp>,
}

impl<'a> NewRecord<'a> {
    /// A record of these bytes, without an owner, created when it is stored.
    pub const fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            owner: None,
            created_at: None,
        }
    }

    /// Sets the owner.
    #[must_use]
    pub const fn owner(mut self, owner: Option<&'a str>) -> Self {
        self.owner = owner;
        self
    }

    /// Sets when the session began.
    #[must_use]
    pub const fn created_at(mut self, created_at: Option<Timestamp>) -> Self {
        self.created_at = created_at;
        self
    }
}

impl fmt::Debug for NewRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRecord")
            .field("data_len", &self.data.len())
            .field("owned", &self.owner.is_some())
            .field("created_at", &self.created_at)
            .finish()
    }
}

/// One of an owner's records, as [`OwnerIndex::list`](crate::OwnerIndex::list) returns it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct OwnedRecord {
    /// The name that the store knows it by.
    pub key: StoreKey,
    /// The record itself.
    pub record: Record,
}

impl OwnedRecord {
    /// Pairs a record with its key.
    pub const fn new(key: StoreKey, record: Record) -> Self {
        Self { key, record }
    }
}
