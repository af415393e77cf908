//! Names for the stores of one test on a server that all tests share.
#![allow(
    dead_code,
    unused_imports,
    reason = "each program of tests uses a part of it"
)]

use session_conformance::skip;
use session_core::Version;
use session_test_servers::{Kind, shared};

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
    std::env::var("SESSION_TEST_REDIS_CLUSTER_URL").unwrap_or_else(|_| skip("no redis-server"))
}

/// Each of its nodes.
pub(crate) fn cluster_nodes() -> Vec<String> {
    let url = cluster_url();
    let nodes = url.strip_prefix("redis+cluster://").unwrap_or_default();
    nodes
        .split(',')
        .map(|node| format!("redis://{node}"))
        .collect()
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
