use std::time::Duration;

use async_trait::async_trait;

use super::{NewRecord, Precondition, Record, SetOutcome, StoreError, Ttl, Version};
use crate::StoreKey;

/// A place that keeps records under keys, each for a time: the one trait to implement for a
/// database of your own.
///
/// The numbered promises in `docs/contract.md` say exactly what each method must do, and the
/// crate `session-conformance` checks them. In short:
///
/// - **Expired is absent**, for every method, from the very millisecond. The store's own clock
///   decides.
/// - **A conditional write never revives** a record that was deleted or has expired.
/// - **One operation is atomic**: dropped at any await point, it happened whole or not at all.
/// - **Bytes come back as they went in.**
/// - **An error is a fault of the system**, never an answer.
///
/// Four methods are required. The provided ones are built from them; override them where the
/// database does better. Housekeeping and the owner index are the separate traits
/// [`Maintain`](crate::Maintain) and [`OwnerIndex`](crate::OwnerIndex).
///
/// ```
/// use std::{collections::HashMap, sync::Mutex, time::Instant};
/// use session_core::{
///     NewRecord, Precondition, Record, SetOutcome, Store, StoreError, StoreKey, Timestamp, Ttl,
///     Version, async_trait,
/// };
///
/// type Map = HashMap<StoreKey, (Record, Instant)>;
///
/// #[derive(Default)]
/// struct MapStore(Mutex<Map>);
///
/// impl MapStore {
///     /// One step at one point in time, at which nothing that is over is there any more.
///     fn step<R>(&self, f: impl FnOnce(&mut Map, Instant) -> R) -> R {
///         let mut map = self.0.lock().unwrap();
///         let now = Instant::now();
///         map.retain(|_, (_, deadline)| *deadline > now);
///         f(&mut map, now)
///     }
/// }
///
/// #[async_trait]
/// impl Store for MapStore {
///     async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError> {
///         Ok(self.step(|map, now| {
///             let (record, deadline) = map.get(key)?;
///             let mut record = record.clone().created_at(record.created_at, Timestamp::now());
///             record.expires_in = deadline.duration_since(now);
///             Some(record)
///         }))
///     }
///
///     async fn set(
///         &self,
///         key: &StoreKey,
///         record: &NewRecord<'_>,
///         ttl: Ttl,
///         when: Precondition,
///     ) -> Result<SetOutcome, StoreError> {
///         Ok(self.step(|map, now| {
///             let old = map.get(key).map(|(record, _)| record);
///             match (when, old) {
///                 (Precondition::Absent, Some(_)) => return SetOutcome::Conflict,
///                 (Precondition::Version(_), None) => return SetOutcome::Missing,
///                 (Precondition::Version(v), Some(old)) if old.version != v => {
///                     return SetOutcome::Conflict;
///                 }
///                 _ => {}
///             }
///             let today = Timestamp::now();
///             let created_at = old.map(|old| old.created_at).or(record.created_at);
///             let version = Version::unique();
///             let new = Record::new(record.data.to_vec(), version, ttl.into())
///                 .owner(record.owner.map(Into::into))
///                 .created_at(created_at.unwrap_or(today), today);
///             map.insert(*key, (new, now + ttl.as_duration()));
///             SetOutcome::Stored(version)
///         }))
///     }
///
///     async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
///         Ok(self.step(|map, _| map.remove(key).is_some()))
///     }
///
///     async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError> {
///         Ok(self.step(|map, now| match map.get_mut(key) {
///             Some((_, deadline)) => {
///                 *deadline = now + ttl.as_duration();
///                 true
///             }
///             None => false,
///         }))
///     }
/// }
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let store = MapStore::default();
/// let key = StoreKey::digest(b"any bytes");
/// let ttl = Ttl::from_secs(60).unwrap();
/// let stored = store.set(&key, &NewRecord::new(b"hello"), ttl, Precondition::Absent).await?;
/// assert!(matches!(stored, SetOutcome::Stored(_)));
/// assert_eq!(store.get(&key).await?.unwrap().data, "hello");
/// # Ok::<(), StoreError>(())
/// # }).unwrap();
/// ```
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Reads the record.
    ///
    /// - `None` if there is none, or it has expired.
    /// - Changes nothing: neither the time to live nor the version.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`, `Corrupt` or `Other`.
    async fn get(&self, key: &StoreKey) -> Result<Option<Record>, StoreError>;

    /// Writes the record if `when` holds, and sets its time to live.
    ///
    /// - Replaces data and owner whole, resets the time to live, gives a version that this key
    ///   never had.
    /// - Keeps the `created_at` of a record that exists; a new one gets the given time, or now.
    /// - With [`Precondition::Version`], never creates.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`, `TooLarge` or `Other`.
    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Result<SetOutcome, StoreError>;

    /// Removes the record; whether there was one. A second call is `Ok(false)`.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout` or `Other`.
    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError>;

    /// Gives the record this time to live from now; whether there is one.
    ///
    /// - Never changes data, owner, version or `created_at`.
    /// - Creates nothing, revives nothing.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout` or `Other`.
    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Result<bool, StoreError>;

    /// Moves the record at `version` from one key to another and writes it, as a rotation of the
    /// session ID does.
    ///
    /// - [`Stored`](SetOutcome::Stored): `to` holds the new record, with the `created_at` that
    ///   `record` gives; `from` is gone.
    /// - [`Conflict`](SetOutcome::Conflict): `from` has another version, or `to` exists (also as
    ///   `from` itself); nothing changed.
    /// - [`Missing`](SetOutcome::Missing): `from` is gone; nothing changed, `to` does not exist.
    ///
    /// This implementation writes `to` before `from` goes, so that a crash leaves at least one, and
    /// retires `from` by compare and swap, so that a write which was acknowledged before is not
    /// lost. It takes three operations: for the millisecond between the last two, a write or a
    /// delete of `from` by someone else may not be seen, and dropped in between, both are left.
    /// Override it where the database can do it in one; the contract's promises T1 and T2 are for
    /// stores that do.
    ///
    /// # Errors
    /// As [`set`](Self::set) and [`delete`](Self::delete).
    async fn rename(
        &self,
        from: &StoreKey,
        to: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        version: Version,
    ) -> Result<SetOutcome, StoreError> {
        let created = match self.set(to, record, ttl, Precondition::Absent).await? {
            SetOutcome::Stored(created) => created,
            other => return Ok(other),
        };
        // Not by delete: a concurrent write of `from` must win or be told of its defeat.
        let retire = Precondition::Version(version);
        match self.set(from, record, Ttl::MIN, retire).await? {
            SetOutcome::Stored(_) => {
                self.delete(from).await?;
                Ok(SetOutcome::Stored(created))
            }
            other => {
                self.delete(to).await?;
                Ok(other)
            }
        }
    }

    /// Whether there is a living record.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    async fn exists(&self, key: &StoreKey) -> Result<bool, StoreError> {
        Ok(self.get(key).await?.is_some())
    }

    /// The time that the record has left to live; `None` if there is no record.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    async fn ttl(&self, key: &StoreKey) -> Result<Option<Duration>, StoreError> {
        Ok(self.get(key).await?.map(|record| record.expires_in))
    }
}
