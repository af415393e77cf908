//! `RedisStore` keeps every law of the store contract on the master that Sentinel names.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use session_core::FullStore;
use session_redis::{
    NearCache, RedisOptions, RedisStore,
    deadpool_redis::{
        Runtime,
        sentinel::{Config, SentinelServerType},
    },
};

server::laws! {
    by_its_own_connection: own,
    through_a_pool: pooled,
    with_a_near_cache: near,
}

fn options() -> RedisOptions {
    let options = RedisOptions::url(&server::sentinel_url()).unwrap();
    options.prefix(server::fresh_prefix())
}

async fn own() -> RedisStore {
    options().open().await.unwrap()
}

async fn near() -> RedisStore {
    let near = NearCache::new(1 << 20);
    options().near_cache(near).open().await.unwrap()
}

async fn pooled() -> RedisStore {
    let (sentinels, service) = server::sentinels();
    let config = Config::from_urls(sentinels, service, SentinelServerType::Master);
    let pool = config.create_pool(Some(Runtime::Tokio1)).unwrap();
    let builder = RedisStore::builder(pool);
    builder.prefix(server::fresh_prefix()).build()
}
