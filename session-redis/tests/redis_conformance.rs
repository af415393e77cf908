//! `RedisStore` keeps every law of the store contract on one server, by its own connection and through a pool,
//! with and without a near cache.
#![expect(
    clippy::unwrap_used,
    reason = "what makes a test ready fails by panicking"
)]

mod server;

use session_core::FullStore;
use session_redis::{
    NearCache, RedisOptions, RedisStore,
    deadpool_redis::{Config, Runtime},
};

server::laws! {
    by_its_own_connection: own,
    through_a_pool: pooled,
    with_a_near_cache: near,
}

fn options() -> RedisOptions {
    let options = RedisOptions::url(&server::url()).unwrap();
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

async fn pooled() -> RedisStore {
    let pool = Config::from_url(server::url())
        .create_pool(Some(Runtime::Tokio1))
        .unwrap();
    RedisStore::builder(pool)
        .prefix(server::fresh_prefix())
        .build()
}
