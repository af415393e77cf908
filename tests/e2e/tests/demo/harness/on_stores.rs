//! The same claims on several stores, each in a module of its own.
//!
//! A claim is an async function of a `Site`. What may depend on the store's speed or on its promises is
//! claimed of each; what the demo decides before it asks the store, of the two that cost nothing.

/// On every store, with these options of the demo.
macro_rules! on_each_store {
    ($arguments:expr; $($claim:ident),+ $(,)?) => {
        $crate::harness::on_store!(memory_in_one_process, Memory, $arguments; $($claim),+);
        $crate::harness::on_each_database!($arguments; $($claim),+);
    };
}

/// On every store that two processes can share and that can be looked into.
macro_rules! on_each_database {
    ($arguments:expr; $($claim:ident),+ $(,)?) => {
        $crate::harness::on_store!(sqlite_in_two_processes, Sqlite, $arguments; $($claim),+);
        $crate::harness::on_each_server!($arguments; $($claim),+);
    };
}

/// On every store that is a server. Without the server, the test says that it is skipped.
macro_rules! on_each_server {
    ($arguments:expr; $($claim:ident),+ $(,)?) => {
        $crate::harness::on_store!(postgres_in_two_processes, Postgres, $arguments; $($claim),+);
        $crate::harness::on_store!(mariadb_in_two_processes, MariaDb, $arguments; $($claim),+);
        $crate::harness::on_store!(redis_in_two_processes, Redis, $arguments; $($claim),+);
        $crate::harness::on_store!(cluster_in_two_processes, RedisCluster, $arguments; $($claim),+);
    };
}

/// On every store that each process has a near cache of. What holds there only once the caches are told is
/// claimed in `near_cache.rs`.
macro_rules! on_each_near_cache {
    ($arguments:expr; $($claim:ident),+ $(,)?) => {
        $crate::harness::on_store!(redis_near, RedisNear, $arguments; $($claim),+);
        $crate::harness::on_store!(cluster_near, RedisClusterNear, $arguments; $($claim),+);
    };
}

/// On the stores that need no server.
macro_rules! on_each_store_at_hand {
    ($arguments:expr; $($claim:ident),+ $(,)?) => {
        $crate::harness::on_store!(memory_in_one_process, Memory, $arguments; $($claim),+);
        $crate::harness::on_store!(sqlite_in_two_processes, Sqlite, $arguments; $($claim),+);
    };
}

macro_rules! on_store {
    ($module:ident, $store:ident, $arguments:expr; $($claim:ident),+ $(,)?) => {
        mod $module {
            $(#[tokio::test]
            async fn $claim() {
                let store = $crate::harness::Store::$store;
                if let Some(site) = $crate::harness::Site::on(store, $arguments) {
                    super::$claim(site).await;
                }
            })+
        }
    };
}

pub(crate) use {
    on_each_database, on_each_near_cache, on_each_server, on_each_store, on_each_store_at_hand,
    on_store,
};
