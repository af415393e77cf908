use session_core::{FullStore, NewRecord, Precondition, SetOutcome, StoreKey, Version};

use super::{ttl, version};

/// What a server says that it has run for the store.
pub(crate) trait Log {
    /// The statements since the last time.
    async fn drain(&mut self) -> Vec<String>;
}

/// Runs each operation that is one statement, and sees that it is one. The store is empty before and
/// after.
pub(crate) async fn run_all(store: &impl FullStore, log: &mut impl Log) -> Vec<&'static str> {
    let (a, b) = (StoreKey::digest(b"a"), StoreKey::digest(b"b"));
    let (record, ttl) = (NewRecord::new(b"data").owner(Some("alice")), ttl());
    let mut names = Vec::new();
    log.drain().await;
    macro_rules! one {
        ($name:literal, $operation:expr) => {{
            let answer = $operation.await.unwrap();
            let ran = log.drain().await;
            assert_eq!(ran.len(), 1, "{}: {ran:#?}", $name);
            names.push($name);
            answer
        }};
    }

    let when = Precondition::Absent;
    version(one!("set Absent", store.set(&a, &record, ttl, when)));
    let refused = one!("set Absent, refused", store.set(&a, &record, ttl, when));
    assert_eq!(refused, SetOutcome::Conflict);
    let when = Precondition::Any;
    let old = version(one!("set Any", store.set(&a, &record, ttl, when)));
    let when = Precondition::Version(old);
    let new = version(one!("set Version", store.set(&a, &record, ttl, when)));
    let refused = one!("set Version, refused", store.set(&a, &record, ttl, when));
    assert_eq!(refused, SetOutcome::Conflict);
    let missing = one!("set Version of absent", store.set(&b, &record, ttl, when));
    assert_eq!(missing, SetOutcome::Missing);

    assert!(one!("get", store.get(&a)).is_some());
    assert!(one!("get of absent", store.get(&b)).is_none());
    assert!(one!("exists", store.exists(&a)));
    assert!(one!("ttl", store.ttl(&a)).is_some());
    assert!(one!("expire", store.expire(&a, ttl)));
    assert!(!one!("expire of absent", store.expire(&b, ttl)));

    let wrong = Version::unique();
    let refused = one!("rename, refused", store.rename(&a, &b, &record, ttl, wrong));
    assert_eq!(refused, SetOutcome::Conflict);
    let missing = one!("rename of absent", store.rename(&b, &a, &record, ttl, new));
    assert_eq!(missing, SetOutcome::Missing);
    version(one!("rename", store.rename(&a, &b, &record, ttl, new)));

    assert_eq!(one!("list", store.list("alice")).len(), 1);
    assert_eq!(one!("count", store.count()), 1);
    assert_eq!(one!("purge_expired of none", store.purge_expired(10)), 0);
    let kept = store.delete_owner("alice", Some(&b));
    assert_eq!(one!("delete_owner but one", kept), 0);
    assert_eq!(one!("delete_owner", store.delete_owner("alice", None)), 1);
    assert!(!one!("delete of absent", store.delete(&b)));
    version(one!(
        "set Any of absent",
        store.set(&a, &record, ttl, Precondition::Any)
    ));
    assert!(one!("delete", store.delete(&a)));
    names
}
