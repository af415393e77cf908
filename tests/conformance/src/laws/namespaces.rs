//! N: two stores side by side in one database.

use session_core::{NewRecord, Precondition, SetOutcome, Store};

use crate::{
    Tested,
    steps::{LONG, SHORTER, Steps as _, key},
};

type Two = [Tested<dyn Store>; 2];

/// N1: What one store writes is absent for every read of the other.
pub async fn the_other_does_not_see_it([one, other]: Two) {
    let key = key("shared");
    one.put(&key, b"mine").await;
    other.assert_gone(&key).await;
    assert!(!other.exists(&key).await.unwrap());
    assert_eq!(other.ttl(&key).await.unwrap(), None);
}

/// N2: Both stores create a record under the same key, and each keeps its own.
pub async fn both_create_under_one_key([one, other]: Two) {
    let key = key("shared");
    for (store, data) in [(&one, b"one"), (&other, b"two")] {
        let record = NewRecord::new(data);
        store.write(&key, &record, LONG, Precondition::Absent).await;
    }
    assert_eq!(one.found(&key).await.data, "one");
    assert_eq!(other.found(&key).await.data, "two");
}

/// N3: `delete` and `expire` of a key in one store leave the other's record.
pub async fn delete_and_expire_stay_inside([one, other]: Two) {
    let key = key("shared");
    one.put(&key, b"mine").await;
    assert!(!other.expire(&key, SHORTER).await.unwrap());
    assert!(!other.delete(&key).await.unwrap());
    one.assert_left(&key, LONG).await;
    other.put(&key, b"theirs").await;
    assert!(other.expire(&key, SHORTER).await.unwrap());
    one.assert_left(&key, LONG).await;
    assert!(other.delete(&key).await.unwrap());
    assert_eq!(one.found(&key).await.data, "mine");
}

/// N4: `rename` neither finds nor meets a record of the other store.
pub async fn rename_stays_inside([one, other]: Two) {
    let (from, to) = (key("from"), key("to"));
    let record = NewRecord::new(b"moved");
    let foreign = one.put(&from, b"mine").await;
    let outcome = other.try_rename(&from, &to, &record, foreign).await;
    assert_eq!(outcome, SetOutcome::Missing);
    let version = other.put(&from, b"theirs").await;
    one.put(&to, b"mine too").await;
    let outcome = other.try_rename(&from, &to, &record, version).await;
    assert!(matches!(outcome, SetOutcome::Stored(_)));
    assert_eq!(one.found(&from).await.data, "mine");
    assert_eq!(one.found(&to).await.data, "mine too");
}

/// N5: `set` with `Version` does not reach a record of the other store.
pub async fn a_foreign_version_is_missing([one, other]: Two) {
    let key = key("shared");
    let version = one.put(&key, b"mine").await;
    let when = Precondition::Version(version);
    let outcome = other.try_put(&key, b"theirs", when).await;
    assert_eq!(outcome, SetOutcome::Missing);
    assert_eq!(one.found(&key).await.version, version);
}
