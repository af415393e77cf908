//! What an operation says whose answer was lost with its connection, though the server did it.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use std::time::Duration;

use server::{
    database::{Database, on_both, private},
    ttl, version,
};
use session_core::{NewRecord, Precondition, StoreErrorKind, StoreKey};
use session_test_servers::{Kind, Relay};

on_both! {
    #[tokio::test]
    what_was_done_is_found_out_or_not_claimed,
    what_was_removed_is_not_counted_as_nothing,
}

async fn what_was_done_is_found_out_or_not_claimed<D: Database>() {
    let Some((server, url)) = private::<D>().await else {
        return;
    };
    let relay = Relay::to(server.port());
    let relayed = url.replace(&server.port().to_string(), &relay.port().to_string());
    let store = D::open(&relayed, "sessions", 1).await.unwrap();
    let witness = D::open(&url, "sessions", 1).await.unwrap();
    let [a, b, other, new] = [b"a", b"b", b"c", b"d"].map(|name| StoreKey::digest(name));
    let (record, ttl) = (NewRecord::new(b"data").owner(Some("alice")), ttl());
    // First the same for another record, so that the statement is prepared and its answer is the next one.
    macro_rules! lost {
        ($first:expr, $operation:expr) => {{
            let _ = $first.await.unwrap();
            quiet(&relay).await;
            relay.swallow_next_answer();
            $operation.await
        }};
    }
    macro_rules! refused {
        ($first:expr, $operation:expr) => {{
            let error = lost!($first, $operation).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
        }};
    }
    let absent = Precondition::Absent;
    let never = Precondition::Version(session_core::Version::unique());
    version(witness.set(&other, &record, ttl, absent).await.unwrap());

    for _ in 0..3 {
        let set = |key, when| store.set(key, &record, ttl, when);
        let created = lost!(set(&other, absent), set(&a, absent));
        let created = version(created.unwrap());
        assert_eq!(witness.get(&a).await.unwrap().unwrap().version, created);

        let when = Precondition::Version(created);
        let swapped = version(lost!(set(&other, never), set(&a, when)).unwrap());
        assert_eq!(witness.get(&a).await.unwrap().unwrap().version, swapped);
        // The refusal could be owed to a first run that succeeded and was overwritten since.
        refused!(set(&other, never), set(&a, when));
        refused!(set(&other, never), set(&b, when));
        refused!(set(&other, absent), set(&a, absent));

        let got = lost!(store.get(&other), store.get(&a)).unwrap();
        assert_eq!(got.unwrap().version, swapped);
        assert!(lost!(store.expire(&other, ttl), store.expire(&a, ttl)).unwrap());
        let moved = lost!(
            store.rename(&new, &other, &record, ttl, swapped),
            store.rename(&a, &b, &record, ttl, swapped)
        );
        let moved = version(moved.unwrap());
        assert_eq!(witness.get(&b).await.unwrap().unwrap().version, moved);
        assert!(witness.get(&a).await.unwrap().is_none());
        refused!(
            store.rename(&new, &other, &record, ttl, swapped),
            store.rename(&a, &b, &record, ttl, swapped)
        );

        refused!(store.delete(&new), store.delete(&b));
        assert!(witness.get(&b).await.unwrap().is_none());

        let any = Precondition::Any;
        refused!(set(&other, any), set(&a, any));
        assert!(witness.get(&a).await.unwrap().is_some());
        assert!(witness.delete(&a).await.unwrap());
    }
}

async fn what_was_removed_is_not_counted_as_nothing<D: Database>() {
    let Some((server, url)) = private::<D>().await else {
        return;
    };
    let relay = Relay::to(server.port());
    let relayed = url.replace(&server.port().to_string(), &relay.port().to_string());
    let store = D::open(&relayed, "sessions", 1).await.unwrap();
    let witness = D::open(&url, "sessions", 1).await.unwrap();
    let record = NewRecord::new(b"data").owner(Some("alice"));
    // Both with the answer of this number lost, on a connection that has prepared all that they need.
    macro_rules! lost {
        ($answer:expr, $operation:expr) => {{
            let _ = $operation.await.unwrap();
            for key in [b"a", b"b"] {
                let key = StoreKey::digest(key);
                let set = witness.set(&key, &record, ttl(), Precondition::Any);
                version(set.await.unwrap());
            }
            quiet(&relay).await;
            relay.swallow_answer($answer);
            $operation.await
        }};
    }
    // Before the statement, MySQL is told how it is to lock.
    let more = u64::from(D::KIND == Kind::MariaDb);
    for _ in 0..3 {
        assert_eq!(lost!(1, store.list("alice")).unwrap().len(), 2);
        for removed in [
            lost!(1 + more, store.delete_owner("alice", None)),
            lost!(1 + more, store.delete_all()),
        ] {
            let error = removed.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
        }
        assert_eq!(witness.count().await.unwrap(), 0);
        if more > 0 {
            // Nothing was removed by then, or all that lived.
            assert_eq!(lost!(1, store.delete_owner("alice", None)).unwrap(), 2);
            assert_eq!(lost!(1, store.delete_all()).unwrap(), 2);
            assert_eq!(lost!(4, store.delete_all()).unwrap(), 2);
        }
    }
}

/// Waits until no more round trips are made: the driver has a last word after each answer.
async fn quiet(relay: &Relay) {
    let mut trips = relay.trips();
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let before = std::mem::replace(&mut trips, relay.trips());
        if trips == before {
            return;
        }
    }
}
