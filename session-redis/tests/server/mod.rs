//! Names for the stores of one test on a server that all tests share.
#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "each program of tests uses a part of it"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

pub(crate) mod admin;
pub(crate) mod records;
pub(crate) mod relayed;
#[path = "../../../session-sqlx/tests/server/traffic.rs"]
pub(crate) mod traffic;

use session_conformance::skip;
use session_core::{SetOutcome, Ttl, Version};
use session_test_servers::{Kind, shared};

/// The version of what was stored.
pub(crate) fn version(outcome: SetOutcome) -> Version {
    match outcome {
        SetOutcome::Stored(version) => version,
        other => panic!("not stored: {other:?}"),
    }
}

/// Longer than any test.
pub(crate) fn ttl() -> Ttl {
    Ttl::from_secs(3600).unwrap()
}

/// A prefix that no other test has, of this run or another one.
pub(crate) fn fresh_prefix() -> String {
    format!("session-test:{:x}:", Version::unique().as_i64())
}

/// The server that all tests share. Without one, the law is skipped.
pub(crate) fn url() -> String {
    shared(Kind::Redis).unwrap_or_else(|| skip("no redis-server"))
}

/// The cluster that all tests share.
pub(crate) fn cluster_url() -> String {
    shared(Kind::RedisCluster).unwrap_or_else(|| skip("no redis-server"))
}

/// Each of its nodes.
pub(crate) fn cluster_nodes() -> Vec<String> {
    let url = cluster_url();
    let nodes = url.strip_prefix("redis+cluster://").unwrap();
    nodes
        .split(',')
        .map(|node| format!("redis://{node}"))
        .collect()
}

/// The master that all tests share, by its sentinels.
pub(crate) fn sentinel_url() -> String {
    shared(Kind::RedisSentinel).unwrap_or_else(|| skip("no redis-server"))
}

/// Those sentinels, and as what they know it.
pub(crate) fn sentinels() -> (Vec<String>, String) {
    let url = sentinel_url();
    let rest = url.strip_prefix("redis+sentinel://").unwrap();
    let (nodes, service) = rest.split_once('/').unwrap();
    let nodes = nodes.split(',').map(|node| format!("redis://{node}"));
    (nodes.collect(), service.to_owned())
}

/// All laws for a store that is made like this, under each name.
macro_rules! laws {
    ($($module:ident: $store:ident),+ $(,)?) => {$(
        mod $module {
            use super::*;

            session_conformance::full_store_laws!(fresh_store, two_stores);

            async fn fresh_store() -> impl FullStore {
                $store().await
            }

            async fn two_stores() -> (impl FullStore, impl FullStore) {
                ($store().await, $store().await)
            }
        }
    )+};
}
pub(crate) use laws;
