//! O: finding an owner's records.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use session_core::{Precondition, StoreKey};
use tokio::time::sleep;

use crate::{
    IndexedStore, Tested,
    steps::{
        LONG, LONGER, Steps as _, cut_off, key, numbered, outlive, owned, race, surely_lives,
        until_quick_enough,
    },
};

/// O1: `list` of an unknown owner is empty.
pub async fn an_unknown_owner_has_nothing(store: Tested<dyn IndexedStore>) {
    assert_lists(&store, "nobody", []).await;
    store.put_owned(&key("a"), "ada").await;
    store.put(&key("b"), b"unowned").await;
    assert_lists(&store, "nobody", []).await;
}

/// O2: `list` holds exactly the owner's records.
pub async fn list_is_exact(store: Tested<dyn IndexedStore>) {
    for index in 0..6 {
        let owner = ["ada", "bob"][index % 2];
        store.put_owned(&numbered(index), owner).await;
    }
    store.put(&key("unowned"), b"x").await;
    assert_lists(&store, "ada", [numbered(0), numbered(2), numbered(4)]).await;
    assert_lists(&store, "bob", [numbered(1), numbered(3), numbered(5)]).await;
}

/// O3: Each record that `list` returns is the one that `get` returns.
pub async fn list_returns_what_get_returns(store: Tested<dyn IndexedStore>) {
    for index in 0..4 {
        let data = [index as u8; 3];
        let record = owned(&data, "ada");
        store
            .write(&numbered(index), &record, LONG, Precondition::Any)
            .await;
    }
    for listed in store.list("ada").await.unwrap() {
        let found = store.found(&listed.key).await;
        assert_eq!(listed.record.data, found.data);
        assert_eq!(listed.record.owner, found.owner);
        assert_eq!(listed.record.version, found.version);
        assert_eq!(listed.record.created_at, found.created_at);
        assert!(listed.record.expires_in >= found.expires_in);
        assert!(listed.record.expires_in <= LONG.as_duration());
    }
}

/// O4: A record that gets another owner moves to that owner's list.
pub async fn another_owner_takes_the_record(store: Tested<dyn IndexedStore>) {
    let key = key("handed on");
    for (before, after) in [("ada", "bob"), ("bob", "cleo"), ("cleo", "ada")] {
        store.put_owned(&key, before).await;
        assert_lists(&store, before, [key]).await;
        store.put_owned(&key, after).await;
        assert_lists(&store, before, []).await;
        assert_lists(&store, after, [key]).await;
    }
}

/// O5: A record that loses its owner leaves the list.
pub async fn no_owner_leaves_the_list(store: Tested<dyn IndexedStore>) {
    let key = key("disowned");
    store.put_owned(&key, "ada").await;
    let version = store.put(&key, b"x").await;
    assert_lists(&store, "ada", []).await;
    let record = owned(b"x", "ada");
    let when = Precondition::Version(version);
    store.write(&key, &record, LONG, when).await;
    assert_lists(&store, "ada", [key]).await;
}

/// O6: A deleted record leaves the list.
pub async fn a_deleted_record_leaves_the_list(store: Tested<dyn IndexedStore>) {
    store.put_owned(&key("a"), "ada").await;
    store.put_owned(&key("b"), "ada").await;
    store.delete(&key("a")).await.unwrap();
    assert_lists(&store, "ada", [key("b")]).await;
}

/// O7: An expired record leaves the list.
pub async fn an_expired_record_leaves_the_list(store: Tested<dyn IndexedStore>) {
    store.put_owned(&key("living"), "ada").await;
    store.let_expire(&key("expired"), &owned(b"x", "ada")).await;
    assert_lists(&store, "ada", [key("living")]).await;
}

/// O8: A renamed record is listed as `to`, under the owner of the new record.
pub async fn a_renamed_record_is_listed_as_to(store: Tested<dyn IndexedStore>) {
    let version = store.put_owned(&key("a"), "ada").await;
    let record = owned(b"x", "ada");
    let _ = store
        .try_rename(&key("a"), &key("b"), &record, version)
        .await;
    assert_lists(&store, "ada", [key("b")]).await;
    let version = store.found(&key("b")).await.version;
    let record = owned(b"x", "bob");
    let _ = store
        .try_rename(&key("b"), &key("c"), &record, version)
        .await;
    assert_lists(&store, "ada", []).await;
    assert_lists(&store, "bob", [key("c")]).await;
}

/// O9: A `set` or `rename` that is refused changes no list.
pub async fn a_refused_write_changes_no_list(store: Tested<dyn IndexedStore>) {
    let (kept, absent) = (key("kept"), key("absent"));
    let stale = store.put_owned(&kept, "ada").await;
    store.put_owned(&kept, "ada").await;
    let record = owned(b"refused", "bob");
    for when in [Precondition::Absent, Precondition::Version(stale)] {
        let _ = store.set(&kept, &record, LONG, when).await.unwrap();
    }
    let when = Precondition::Version(stale);
    let _ = store.set(&absent, &record, LONG, when).await.unwrap();
    let _ = store.try_rename(&kept, &absent, &record, stale).await;
    assert_lists(&store, "ada", [kept]).await;
    assert_lists(&store, "bob", []).await;
}

/// O10: A record that is renewed past its first time stays in the list.
pub async fn a_renewed_record_stays_listed(store: Tested<dyn IndexedStore>) {
    let (key, record) = (key("renewed"), owned(b"x", "ada"));
    until_quick_enough(async |ttl| {
        let writing = Instant::now();
        store.write(&key, &record, ttl, Precondition::Any).await;
        if !store.expire(&key, LONGER).await.unwrap() {
            assert!(!surely_lives(writing, ttl), "it was alive");
            return false;
        }
        outlive(Instant::now(), ttl).await;
        assert_lists(&store, "ada", [key]).await;
        true
    })
    .await;
}

/// O11: A key that is used anew, after a delete or expiry, is listed for its new owner only.
pub async fn a_reused_key_has_its_new_owner_only(store: Tested<dyn IndexedStore>) {
    let (expired, deleted) = (key("expired"), key("deleted"));
    store.let_expire(&expired, &owned(b"x", "ada")).await;
    store.put_owned(&deleted, "ada").await;
    store.delete(&deleted).await.unwrap();
    store.put_owned(&expired, "bob").await;
    store.put_owned(&deleted, "bob").await;
    assert_lists(&store, "ada", []).await;
    assert_lists(&store, "bob", [expired, deleted]).await;
}

/// O12: Records that one owner gets at the same time are all listed.
pub async fn concurrent_records_are_all_listed(store: Tested<dyn IndexedStore>) {
    race(24, |index| {
        let store = store.clone();
        async move { store.put_owned(&numbered(index), "ada").await }
    })
    .await;
    assert_lists(&store, "ada", (0..24).map(numbered)).await;
}

/// O13: Owners that look alike have lists of their own: by case, accent, blank, prefix or pattern.
pub async fn owners_that_look_alike_stay_apart(store: Tested<dyn IndexedStore>) {
    let long = "a".repeat(200);
    let (one, other) = (format!("{long}1"), format!("{long}2"));
    let owners = [
        "ada",
        "Ada",
        "ADA",
        "adá",
        "ada\u{301}",
        "ada ",
        " ada",
        "ad",
        "adaa",
        "ad_",
        "ad%",
        "a*",
        "ad?",
        "ada:",
        "{ada}",
        "ada'--",
        "ada\"",
        "ada\\",
        "ada/1",
        "ß",
        "ss",
        "",
        &one,
        &other,
    ];
    for (index, owner) in owners.iter().enumerate() {
        store.put_owned(&numbered(index), owner).await;
    }
    store.put(&key("unowned"), b"x").await;
    for (index, owner) in owners.iter().enumerate() {
        assert_lists(&store, owner, [numbered(index)]).await;
    }
}

/// O14: A write or `delete` that is cut off leaves the list in agreement with the record.
pub async fn cut_off_the_list_agrees(store: Tested<dyn IndexedStore>) {
    let record = owned(b"x", "bob");
    for polls in 0..64 {
        let (set, removed) = (numbered(polls), key(format!("removed {polls}")));
        store.put_owned(&set, "ada").await;
        store.put_owned(&removed, "ada").await;
        let write = store.set(&set, &record, LONG, Precondition::Any);
        let wrote = cut_off(polls, write).await.is_some();
        let gone = cut_off(polls, store.delete(&removed)).await.is_some();
        for key in [set, removed] {
            agrees_in_the_end(&store, &key).await;
        }
        if wrote && gone {
            return;
        }
    }
}

/// What was cut off may still happen, so the list has a second to agree with the record.
async fn agrees_in_the_end(store: &Tested<dyn IndexedStore>, key: &StoreKey) {
    for _ in 0..500 {
        let record = store.get(key).await.unwrap();
        let owner = record.as_ref().and_then(|record| record.owner.as_deref());
        let ada = keys(store, "ada").await.contains(key);
        let bob = keys(store, "bob").await.contains(key);
        if (ada, bob) == (owner == Some("ada"), owner == Some("bob")) {
            return;
        }
        sleep(Duration::from_millis(2)).await;
    }
    panic!("list and record never agree");
}

async fn assert_lists(
    store: &Tested<dyn IndexedStore>,
    owner: &str,
    expected: impl IntoIterator<Item = StoreKey>,
) {
    let expected = expected.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(keys(store, owner).await, expected, "of {owner:?}");
}

/// The keys that are listed, each once.
async fn keys(store: &Tested<dyn IndexedStore>, owner: &str) -> BTreeSet<StoreKey> {
    let listed = store.list(owner).await.unwrap();
    let keys = listed
        .iter()
        .map(|listed| listed.key)
        .collect::<BTreeSet<_>>();
    assert_eq!(keys.len(), listed.len(), "listed twice");
    for listed in listed {
        assert_eq!(listed.record.owner.as_deref(), Some(owner));
    }
    keys
}
