//! `RedisStore` keeps every law of the store contract on a cluster, where a record, its owner's index and the
//! name that it moves to lie on different nodes.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use session_core::FullStore;
use session_redis::{
    NearCache, RedisOptions, RedisStore,
    deadpool_redis::{Runtime, cluster::Config},
};

server::laws! {
    by_its_own_connections: own,
    through_a_pool: pooled,
    with_a_near_cache: near,
    all_on_one_node: tagged,
}

fn options() -> RedisOptions {
    let options = RedisOptions::url(&server::cluster_url()).unwrap();
    options.prefix(server::fresh_prefix())
}

async fn own() -> RedisStore {
    options().open().await.unwrap()
}

async fn near() -> RedisStore {
    options()
        .near_cache(NearCache::new(1 << 20))
        .open()
        .await
        .unwrap()
}

async fn tagged() -> RedisStore {
    let prefix = format!("{{{}}}", server::fresh_prefix());
    options().prefix(prefix).open().await.unwrap()
}

async fn pooled() -> RedisStore {
    let nodes = server::cluster_nodes();
    let pool = Config::from_urls(nodes)
        .create_pool(Some(Runtime::Tokio1))
        .unwrap();
    RedisStore::builder(pool)
        .prefix(server::fresh_prefix())
        .build()
}
