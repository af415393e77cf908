use session_core::{
    NewRecord, OwnerIndex as _, Precondition, Record, Store as _, StoreError, StoreErrorKind,
    StoreKey, Version,
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

/// What lives of these is listed for its owner, and is gone once the owner is signed out.
pub(crate) async fn assert_listed(store: &RedisStore, keys: &[StoreKey]) {
    let mut living = Vec::new();
    for key in keys {
        living.extend(store.get(key).await.unwrap().map(|_| *key));
    }
    let listed = store.list("alice").await.unwrap();
    let mut listed: Vec<_> = listed.iter().map(|it| it.key).collect();
    living.sort();
    listed.sort();
    assert_eq!(living, listed, "what lives, and what is listed");
    let removed = store.delete_owner("alice", None).await.unwrap();
    assert_eq!(removed, living.len() as u64);
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
