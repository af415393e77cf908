//! How many commands an operation costs in a cluster, as its masters count.
#![expect(
    clippy::print_stdout,
    reason = "numbers for whoever runs it with --nocapture"
)]

mod server;

use server::{admin::Admin, records::RECORD, ttl, version};
use session_core::{NewRecord, OwnerIndex as _, Precondition, Store as _, StoreKey};
use session_redis::RedisStore;
use session_test_servers::Cluster;

/// The scripts that all masters were asked to run.
async fn scripts(masters: &mut [Admin]) -> u64 {
    let mut sum = 0;
    for master in masters {
        let calls = master.calls().await;
        let of = |name: &str| calls.get(name).copied().unwrap_or(0);
        sum += of("evalsha") + of("eval");
    }
    sum
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_with_an_owner_costs_a_few_commands() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    let mut masters = Vec::new();
    for port in &cluster.ports()[..3] {
        masters.push(Admin::of(&format!("redis://127.0.0.1:{port}")).await);
    }
    macro_rules! cost {
        ($operation:expr) => {{
            let before = scripts(&mut masters).await;
            let answer = $operation.await.unwrap();
            (answer, scripts(&mut masters).await - before)
        }};
    }
    let ttl = ttl();
    // The first ones tell every node the scripts.
    for round in 0..24 {
        let [a, b, c] =
            ["a", "b", "c"].map(|key| StoreKey::digest(format!("{key} {round}").as_bytes()));
        let absent = Precondition::Absent;
        let (created, sign_in) = cost!(store.set(&a, &RECORD, ttl, absent));
        let when = Precondition::Version(version(created));
        let (changed, write) = cost!(store.set(&a, &RECORD, ttl, when));
        let (renewed, renewal) = cost!(store.expire(&a, ttl));
        assert!(renewed);
        let old = version(changed);
        let (moved, rotation) = cost!(store.rename(&a, &b, &RECORD, ttl, old));
        version(moved);
        assert_eq!(store.list("alice").await.unwrap().len(), 1);
        let (ended, logout) = cost!(store.delete(&b));
        assert!(ended);
        let nobodys = NewRecord::new(b"data");
        let (created, anonymous) = cost!(store.set(&c, &nobodys, ttl, absent));
        version(created);
        assert!(store.delete(&c).await.unwrap());
        if round < 16 {
            continue;
        }
        if round == 16 {
            println!(
                "sign-in {sign_in}, write {write}, renewal {renewal}, rotation {rotation}, \
                 logout {logout}; without an owner {anonymous}"
            );
        }
        assert_eq!((sign_in, write, renewal, logout), (2, 1, 1, 2));
        assert!(rotation <= 6, "{rotation}");
        assert_eq!(anonymous, 1);
    }
}

/// Who owns the session before a rotation and after it decides how many commands it is, as docs/redis.md says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_costs_four_to_six_commands() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    let mut masters = Vec::new();
    for port in &cluster.ports()[..3] {
        masters.push(Admin::of(&format!("redis://127.0.0.1:{port}")).await);
    }
    let cases = [
        (None, None, 4),
        (None, Some("alice"), 5),
        (Some("alice"), Some("alice"), 6),
        (Some("alice"), Some("bob"), 6),
    ];
    for round in 0..24 {
        for (number, (before, after, commands)) in cases.into_iter().enumerate() {
            let [a, b] = ["a", "b"]
                .map(|key| StoreKey::digest(format!("{key} {number} {round}").as_bytes()));
            let record = NewRecord::new(b"data").owner(before);
            let created = store.set(&a, &record, ttl(), Precondition::Absent).await;
            let old = version(created.unwrap());
            let record = NewRecord::new(b"data").owner(after);
            let counted = scripts(&mut masters).await;
            let moved = store.rename(&a, &b, &record, ttl(), old).await;
            version(moved.unwrap());
            // The first rounds tell every node the scripts.
            if round >= 16 {
                let counted = scripts(&mut masters).await - counted;
                assert_eq!(counted, commands, "{before:?} to {after:?}");
            }
            assert!(store.delete(&b).await.unwrap());
        }
    }
}
