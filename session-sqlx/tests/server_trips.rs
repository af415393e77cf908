//! How often an operation goes to the server and back, counted on the way.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]
#![expect(
    clippy::print_stdout,
    reason = "numbers for whoever runs it with --nocapture"
)]

mod server;

use std::time::Duration;

use server::{
    database::{Database, on_both, private},
    ttl, version,
};
use session_core::{NewRecord, Precondition, StoreKey};
use session_test_servers::{Kind, Relay};

on_both! {
    // In one thread, what follows an answer cannot begin before the test has read the count.
    #[tokio::test(flavor = "current_thread")]
    an_operation_waits_for_one_round_trip_and_makes_two_at_most,
}

async fn an_operation_waits_for_one_round_trip_and_makes_two_at_most<D: Database>() {
    let Some((server, url)) = private::<D>().await else {
        return;
    };
    let relay = Relay::to(server.port());
    let url = url.replace(&server.port().to_string(), &relay.port().to_string());
    let store = D::open(&url, "sessions", 1).await.unwrap();
    let (a, b) = (StoreKey::digest(b"a"), StoreKey::digest(b"b"));
    let (record, ttl) = (NewRecord::new(b"data").owner(Some("alice")), ttl());
    let mut counted = Vec::new();
    macro_rules! count {
        ($name:literal, $operation:expr) => {{
            let before = settled(&relay).await;
            let answer = $operation.await.unwrap();
            let waited_for = relay.trips() - before;
            let in_all = settled(&relay).await - before;
            counted.push(($name, waited_for, in_all));
            answer
        }};
    }

    // The first time, the connection is made and each statement is prepared.
    for _ in 0..2 {
        counted.clear();
        let when = Precondition::Absent;
        let created = count!("set Absent", store.set(&a, &record, ttl, when));
        let when = Precondition::Version(version(created));
        version(count!("set Version", store.set(&a, &record, ttl, when)));
        let when = Precondition::Any;
        let set = version(count!("set Any", store.set(&a, &record, ttl, when)));
        assert!(count!("get", store.get(&a)).is_some());
        assert!(count!("get of absent", store.get(&b)).is_none());
        assert!(count!("exists", store.exists(&a)));
        assert!(count!("ttl", store.ttl(&a)).is_some());
        assert!(count!("expire", store.expire(&a, ttl)));
        version(count!("rename", store.rename(&a, &b, &record, ttl, set)));
        assert_eq!(count!("list", store.list("alice")).len(), 1);
        assert_eq!(count!("count", store.count()), 1);
        assert!(count!("delete", store.delete(&b)));
        assert_eq!(count!("delete_owner", store.delete_owner("alice", None)), 0);
    }
    println!(
        "{:?}, round trips before the answer and in all: {counted:?}",
        D::KIND
    );
    for (name, waited_for, in_all) in counted {
        // Before this one, MySQL is told how it is to lock.
        let more = u64::from(D::KIND == Kind::MariaDb && name == "delete_owner");
        assert_eq!(waited_for, 1 + more, "{name}");
        assert!(in_all <= 2 + more, "{name}: {in_all}");
    }
}

/// The round trips so far, once no more are made: the driver has a last word after each answer.
async fn settled(relay: &Relay) -> u64 {
    let mut trips = relay.trips();
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let before = std::mem::replace(&mut trips, relay.trips());
        if trips == before {
            return trips;
        }
    }
}
