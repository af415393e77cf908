//! What an operation says whose answer was lost with its connection, though the server did it.

mod server;

use server::{ttl, version};
use session_core::{
    NewRecord, OwnerIndex as _, Precondition, SetOutcome, Store as _, StoreErrorKind, StoreKey,
};
use session_redis::RedisStore;
use session_test_servers::{Kind, Relay, Server};

#[tokio::test]
async fn what_was_done_is_found_out_or_not_claimed() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let relay = Relay::to(server.port());
    let url = format!("redis://127.0.0.1:{}", relay.port());
    let store = RedisStore::open(&url).await.unwrap();
    let witness = RedisStore::open(&server.url()).await.unwrap();
    let (a, b) = (StoreKey::digest(b"a"), StoreKey::digest(b"b"));
    let (record, ttl) = (NewRecord::new(b"data").owner(Some("alice")), ttl());
    macro_rules! lost {
        ($operation:expr) => {{
            // The driver has said all that it says at first.
            let _ = store.get(&a).await.unwrap();
            relay.swallow_next_answer();
            $operation.await
        }};
    }
    macro_rules! refused {
        ($operation:expr) => {{
            let error = lost!($operation).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
        }};
    }

    // The server gets to know each script, so that it runs by the first call.
    let old = witness.set(&a, &record, ttl, Precondition::Absent).await;
    let old = version(old.unwrap());
    assert!(witness.expire(&a, ttl).await.unwrap());
    version(witness.rename(&a, &b, &record, ttl, old).await.unwrap());
    assert!(witness.delete(&b).await.unwrap());
    assert_eq!(witness.delete_owner("alice", None).await.unwrap(), 0);

    for _ in 0..3 {
        let created = lost!(store.set(&a, &record, ttl, Precondition::Absent));
        let created = version(created.unwrap());
        assert_eq!(witness.get(&a).await.unwrap().unwrap().version, created);

        let when = Precondition::Version(created);
        let swapped = version(lost!(store.set(&a, &record, ttl, when)).unwrap());
        assert_eq!(witness.get(&a).await.unwrap().unwrap().version, swapped);
        // The refusal could be owed to a first run that succeeded and was overwritten since.
        refused!(store.set(&a, &record, ttl, when));
        refused!(store.set(&b, &record, ttl, when));
        refused!(store.set(&a, &record, ttl, Precondition::Absent));

        assert_eq!(lost!(store.get(&a)).unwrap().unwrap().version, swapped);
        assert!(lost!(store.expire(&a, ttl)).unwrap());
        let moved = lost!(store.rename(&a, &b, &record, ttl, swapped)).unwrap();
        assert_eq!(
            witness.get(&b).await.unwrap().unwrap().version,
            version(moved)
        );
        assert!(witness.get(&a).await.unwrap().is_none());
        refused!(store.rename(&a, &b, &record, ttl, swapped));

        refused!(store.delete(&b));
        assert!(witness.get(&b).await.unwrap().is_none());

        refused!(store.set(&a, &record, ttl, Precondition::Any));
        assert!(witness.get(&a).await.unwrap().is_some());
        // It is gone for certain; how many there were, nobody knows.
        refused!(store.delete_owner("alice", None));
        assert!(witness.list("alice").await.unwrap().is_empty());
        assert!(matches!(
            witness
                .set(&a, &record, ttl, Precondition::Absent)
                .await
                .unwrap(),
            SetOutcome::Stored(_)
        ));
        assert!(witness.delete(&a).await.unwrap());
    }
}
