use session_core::{
    NewRecord, Precondition, Record, Store as _, StoreError, StoreErrorKind, StoreKey, Version,
};
use session_redis::RedisStore;

use super::{ttl, version};

pub(crate) const A: StoreKey = StoreKey::from_bytes([b'a'; 32]);
pub(crate) const B: StoreKey = StoreKey::from_bytes([b'b'; 32]);
pub(crate) const RECORD: NewRecord<'_> = NewRecord::new(b"data").owner(Some("alice"));

/// The name of a record, as an administrator would find it.
pub(crate) fn name(key: &StoreKey) -> String {
    format!("session:s:{}", String::from_utf8_lossy(key.as_bytes()))
}

pub(crate) async fn create(store: &RedisStore, key: &StoreKey) -> Version {
    let created = store.set(key, &RECORD, ttl(), Precondition::Absent);
    version(created.await.unwrap())
}

pub(crate) async fn found(store: &RedisStore, key: &StoreKey) -> Record {
    store.get(key).await.unwrap().unwrap()
}

#[track_caller]
pub(crate) fn assert_kind<T: std::fmt::Debug>(
    answer: Result<T, StoreError>,
    kind: StoreErrorKind,
) -> String {
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    format!("{error:?}")
}
