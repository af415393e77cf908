//! N: housekeeping and owner index of two stores side by side in one database.

use session_core::{FullStore, NewRecord};

use crate::{
    Tested,
    steps::{Steps as _, key, numbered},
};

type Two = [Tested<dyn FullStore>; 2];

/// N6: `count` counts this store's records only.
pub async fn count_stays_inside([one, other]: Two) {
    one.put(&key("a"), b"x").await;
    one.put(&key("b"), b"x").await;
    assert_eq!(other.count().await.unwrap(), 0);
    other.put(&key("a"), b"x").await;
    assert_eq!(other.count().await.unwrap(), 1);
    assert_eq!(one.count().await.unwrap(), 2);
}

/// N7: `delete_all` removes this store's records only.
pub async fn delete_all_stays_inside([one, other]: Two) {
    for index in 0..4 {
        one.put_owned(&numbered(index), "ada").await;
        other.put_owned(&numbered(index), "ada").await;
    }
    assert_eq!(other.delete_all().await.unwrap(), 4);
    for index in 0..4 {
        one.found(&numbered(index)).await;
    }
    assert_eq!(one.list("ada").await.unwrap().len(), 4);
}

/// N8: `purge_expired` removes this store's records only.
pub async fn purge_stays_inside([one, other]: Two) {
    let record = NewRecord::new(b"x");
    for index in 0..4 {
        one.let_expire(&numbered(index), &record).await;
    }
    assert_eq!(other.purge_expired(100).await.unwrap(), 0);
}

/// N9: `list` holds this store's records only.
pub async fn list_stays_inside([one, other]: Two) {
    one.put_owned(&key("a"), "ada").await;
    assert!(other.list("ada").await.unwrap().is_empty());
    other.put_owned(&key("b"), "ada").await;
    let listed = other.list("ada").await.unwrap();
    assert!(listed.iter().map(|listed| listed.key).eq([key("b")]));
}

/// N10: `delete_owner` removes this store's records only.
pub async fn delete_owner_stays_inside([one, other]: Two) {
    one.put_owned(&key("a"), "ada").await;
    one.put_owned(&key("b"), "ada").await;
    assert_eq!(other.delete_owner("ada", None).await.unwrap(), 0);
    other.put_owned(&key("a"), "ada").await;
    assert_eq!(other.delete_owner("ada", None).await.unwrap(), 1);
    one.found(&key("a")).await;
    assert_eq!(one.list("ada").await.unwrap().len(), 2);
}
