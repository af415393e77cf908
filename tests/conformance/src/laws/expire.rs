//! E: giving another time to live.

use std::time::Duration;

use session_core::{NewRecord, Precondition, Store};
use tokio::time::sleep;

use crate::{
    Tested,
    steps::{LONG, LONGER, SHORTER, Steps as _, duel, key, numbered, owned},
};

/// E1: `expire` gives a longer time to live and is `true`.
pub async fn expire_lengthens(store: Tested<dyn Store>) {
    let key = key("renewed");
    store.put(&key, b"x").await;
    assert!(store.expire(&key, LONGER).await.unwrap());
    store.assert_left(&key, LONGER).await;
}

/// E2: `expire` gives a shorter time to live and is `true`.
pub async fn expire_shortens(store: Tested<dyn Store>) {
    let key = key("cut short");
    store.put(&key, b"x").await;
    assert!(store.expire(&key, SHORTER).await.unwrap());
    store.assert_left(&key, SHORTER).await;
}

/// E3: `expire` leaves data, owner and `created_at` as they are.
pub async fn expire_leaves_the_record(store: Tested<dyn Store>) {
    let (key, record) = (key("renewed"), owned(b"a\0b\xff", "ada"));
    store.write(&key, &record, LONG, Precondition::Any).await;
    let before = store.found(&key).await;
    sleep(Duration::from_millis(4)).await;
    store.expire(&key, LONGER).await.unwrap();
    let after = store.found(&key).await;
    assert_eq!(after.data, before.data);
    assert_eq!(after.owner, before.owner);
    assert_eq!(after.created_at, before.created_at);
}

/// E4: `expire` leaves the version: who read before it can still write.
pub async fn expire_leaves_the_version(store: Tested<dyn Store>) {
    let key = key("renewed");
    let version = store.put(&key, b"x").await;
    store.expire(&key, LONGER).await.unwrap();
    assert_eq!(store.found(&key).await.version, version);
    let when = Precondition::Version(version);
    store.write(&key, &NewRecord::new(b"y"), LONG, when).await;
}

/// E5: `expire` of an absent key is `false` and creates nothing.
pub async fn expire_of_absent_is_false(store: Tested<dyn Store>) {
    let key = key("never set");
    assert!(!store.expire(&key, LONG).await.unwrap());
    store.assert_gone(&key).await;
}

/// E6: `expire` of a deleted record is `false` and revives nothing.
pub async fn expire_of_deleted_is_false(store: Tested<dyn Store>) {
    let key = key("deleted");
    store.put(&key, b"x").await;
    store.delete(&key).await.unwrap();
    assert!(!store.expire(&key, LONG).await.unwrap());
    store.assert_gone(&key).await;
}

/// E7: `expire` to the time that the record has anyway is `true`.
pub async fn expire_to_the_same_time_is_true(store: Tested<dyn Store>) {
    let key = key("renewed twice");
    store.put(&key, b"x").await;
    for _ in 0..20 {
        assert!(store.expire(&key, LONG).await.unwrap());
    }
}

/// E8: `expire` leaves other keys alone.
pub async fn expire_leaves_other_keys_alone(store: Tested<dyn Store>) {
    for index in 0..8 {
        store.put_owned(&numbered(index), "ada").await;
    }
    store.expire(&numbered(3), LONGER).await.unwrap();
    for index in (0..8).filter(|index| *index != 3) {
        store.assert_left(&numbered(index), LONG).await;
    }
}

/// E9: An `expire` that races with a `delete` revives nothing.
pub async fn a_racing_expire_revives_nothing(store: Tested<dyn Store>) {
    for round in 0..20 {
        let key = numbered(round);
        store.put(&key, b"x").await;
        let (renewer, remover) = (store.clone(), store.clone());
        let renew = async move { renewer.expire(&key, LONGER).await.unwrap() };
        let remove = async move { remover.delete(&key).await.unwrap() };
        let (_, removed) = duel(renew, remove).await;
        assert!(removed, "it lived until this delete");
        store.assert_gone(&key).await;
    }
}

/// E10: An `expire` that races with a `set` never brings back what the `set` replaced.
pub async fn a_racing_expire_undoes_nothing(store: Tested<dyn Store>) {
    for round in 0..20 {
        let key = numbered(round);
        store.put_owned(&key, "ada").await;
        let (renewer, writer) = (store.clone(), store.clone());
        let renew = async move { renewer.expire(&key, LONGER).await.unwrap() };
        let write = async move { writer.put(&key, b"newer").await };
        let (renewed, version) = duel(renew, write).await;
        assert!(renewed, "it lived all the time");
        let record = store.found(&key).await;
        assert_eq!((&*record.data, record.version), (&b"newer"[..], version));
        assert_eq!(record.owner, None);
    }
}
