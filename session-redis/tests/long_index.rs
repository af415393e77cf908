//! An index in which very much is past: nobody waits for all of it to be removed.

mod server;

use server::{admin::Admin, records::RECORD, relayed::index, ttl, version};
use session_core::{Maintain as _, OwnerIndex as _, Precondition, Store as _, StoreKey, Ttl};
use session_redis::{RedisStore, redis};
use session_test_servers::{Kind, Server};

#[tokio::test]
async fn each_write_removes_a_bounded_part_of_what_is_past() {
    let Some(server) = Server::start(Kind::Redis) else {
        return;
    };
    let store = RedisStore::open(&server.url()).await.unwrap();
    let mut admin = Admin::of(&server.url()).await;
    let index = index("alice");
    let (past, mut fill) = (50_000, redis::cmd("EVAL"));
    let entry = "redis.call('ZADD', KEYS[1], i, string.format('%032d%08d', i, 7))";
    fill.arg(format!("for i = 1, {past} do {entry} end"));
    admin.query::<()>(fill.arg(1).arg(&index)).await;
    // How many a write removes that adds this many.
    let mut entries = past;
    macro_rules! removed_by {
        ($operation:expr, $added:literal) => {{
            let answer = $operation.await.unwrap();
            let mut card = redis::cmd("ZCARD");
            let now: i64 = admin.query(card.arg(&index)).await;
            let removed = entries + $added - now;
            entries = now;
            assert!((0..=100).contains(&removed), "{removed}");
            (answer, removed)
        }};
    }
    // Each looks for what is past now and then, by the last digits of the clock.
    let (mut signing_in, mut renewing, mut rotating) = (0, 0, 0);
    for number in 0_u32.. {
        let [a, b] = ["a", "b"].map(|key| StoreKey::digest(format!("{key} {number}").as_bytes()));
        let (set, removed) = removed_by!(store.set(&a, &RECORD, ttl(), Precondition::Absent), 1);
        signing_in += removed;
        let later = Ttl::from_secs(86_400).unwrap();
        let (_, removed) = removed_by!(store.expire(&a, later), 0);
        renewing += removed;
        let old = version(set);
        let (moved, removed) = removed_by!(store.rename(&a, &b, &RECORD, ttl(), old), 0);
        version(moved);
        rotating += removed;
        assert!(removed_by!(store.delete(&b), -1).0);
        if signing_in > 0 && renewing > 0 && rotating > 0 {
            break;
        }
        assert!(number < 500, "{signing_in} {renewing} {rotating}");
    }
    let a = StoreKey::digest(b"the last one");
    version(removed_by!(store.set(&a, &RECORD, ttl(), Precondition::Absent), 1).0);
    // What is left is hers all the same, and goes with housekeeping.
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
    let purged = store.purge_expired(u32::MAX).await.unwrap();
    assert_eq!(i64::try_from(purged).unwrap(), entries - 1);
    assert_eq!(store.list("alice").await.unwrap().len(), 1);
}
