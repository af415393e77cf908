//! A statement that is given up while a connection prepares it, the first time there, is not run later.
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
use session_core::{NewRecord, Precondition, StoreKey, Ttl};
use session_test_servers::Relay;
use tokio::time::{sleep, timeout};

/// What an operation is given up after whose statement is being prepared.
const GIVEN_UP: Duration = Duration::from_millis(100);
/// What one takes at most that has nothing to wait for.
const PATIENCE: Duration = Duration::from_secs(2);

on_both! {
    // In one thread, what follows an answer cannot begin before the test has read the count.
    #[tokio::test(flavor = "current_thread")]
    what_is_given_up_while_it_is_prepared_does_not_come_later,
}

async fn what_is_given_up_while_it_is_prepared_does_not_come_later<D: Database>() {
    let Some((server, url)) = private::<D>().await else {
        return;
    };
    let relay = Relay::to(server.port());
    let relayed = url.replace(&server.port().to_string(), &relay.port().to_string());
    let witness = D::open(&url, "sessions", 1).await.unwrap();
    let (a, b) = (StoreKey::digest(b"a"), StoreKey::digest(b"b"));
    let theirs = NewRecord::new(b"theirs").owner(Some("alice"));
    let ours = NewRecord::new(b"ours");
    let brief = Ttl::from_secs(60).unwrap();
    let any = Precondition::Any;
    macro_rules! given_up {
        ($($name:literal: |$store:ident, $old:ident| $operation:expr, later: $later:literal),+ $(,)?) => {$(
            // Its connection has prepared nothing yet: of an operation, that is the first round trip.
            let $store = D::open(&relayed, "sessions", 1).await.unwrap();
            let $old = version(witness.set(&a, &theirs, ttl(), any).await.unwrap());
            settled(&relay).await;
            relay.hold_next_answer();
            assert!(timeout(GIVEN_UP, $operation).await.is_err(), "{} was answered", $name);
            let mut last = $old;
            if $later {
                last = version(witness.set(&a, &theirs, ttl(), any).await.unwrap());
            }
            relay.release();
            settled(&relay).await;
            let found = witness.get(&a).await.unwrap();
            let found = found.unwrap_or_else(|| panic!("{} was run", $name));
            assert_eq!(found.version, last, "{} was run", $name);
            assert!(found.expires_in > brief.as_duration(), "{} was run", $name);
            // And it can be said again, on the same connection: a new one would take more.
            let before = relay.trips();
            let again = timeout(PATIENCE, $operation).await;
            let trips = relay.trips() - before;
            let _ = again.expect($name).expect($name);
            assert!(trips <= 2, "{}: {trips}", $name);
        )+};
    }
    given_up! {
        "set Any": |store, _old| store.set(&a, &ours, brief, any), later: true,
        "set Version": |store, old| store.set(&a, &ours, brief, Precondition::Version(old)), later: false,
        "rename": |store, old| store.rename(&a, &b, &ours, brief, old), later: false,
        "expire": |store, _old| store.expire(&a, brief), later: true,
        "delete": |store, _old| store.delete(&a), later: true,
        "delete_owner": |store, _old| store.delete_owner("alice", None), later: true,
    }
}

/// Waits until no more round trips are made: what is given up may still be carried out.
async fn settled(relay: &Relay) {
    let mut trips = relay.trips();
    loop {
        sleep(Duration::from_millis(25)).await;
        let before = std::mem::replace(&mut trips, relay.trips());
        if trips == before {
            return;
        }
    }
}
