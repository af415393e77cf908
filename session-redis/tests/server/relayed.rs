use std::time::{Duration, Instant};

use session_core::{OwnerIndex as _, Precondition, Store as _, StoreKey};
use session_redis::{RedisOptions, RedisStore, redis};
use session_test_servers::{Cluster, Relay};

use super::{
    admin::Admin,
    records::{RECORD, create},
    ttl, version,
};

/// A cluster whose clients go through relays, and how its administrator finds things there.
pub(crate) struct Relayed {
    cluster: Cluster,
    /// One for each master.
    relays: Vec<Relay>,
}

impl Relayed {
    pub(crate) fn start() -> Option<Self> {
        let cluster = Cluster::start()?;
        let relays = cluster.behind_relays();
        Some(Self { cluster, relays })
    }

    /// A store that waits for what is held back, is connected to every master, and whose scripts all know.
    pub(crate) async fn open(&self) -> RedisStore {
        let nodes = self.relays.iter();
        let nodes: Vec<_> = nodes.map(|it| format!("127.0.0.1:{}", it.port())).collect();
        let url = format!("redis+cluster://{}", nodes.join(","));
        let options = RedisOptions::url(&url).unwrap();
        let patience = Duration::from_secs(8);
        let store = options.response_timeout(patience).open().await.unwrap();
        for number in 0_u32..16 {
            let [from, to] = ["from", "to"]
                .map(|name| StoreKey::digest(format!("warm {name} {number}").as_bytes()));
            let old = create(&store, &from).await;
            let when = Precondition::Version(old);
            let old = version(store.set(&from, &RECORD, ttl(), when).await.unwrap());
            assert!(store.expire(&from, ttl()).await.unwrap());
            version(store.rename(&from, &to, &RECORD, ttl(), old).await.unwrap());
            assert!(store.delete(&to).await.unwrap());
        }
        assert!(store.list("alice").await.unwrap().is_empty());
        store
    }

    /// Before the master that has what is called this.
    pub(crate) async fn relay_of(&self, name: &[u8]) -> &Relay {
        &self.relays[self.node_of(name).await]
    }

    pub(crate) async fn admin_of(&self, name: &[u8]) -> Admin {
        self.admin(self.node_of(name).await).await
    }

    /// Two keys on different nodes: whatever is held back on the way to one, the other is reached.
    pub(crate) async fn two_apart(&self) -> [StoreKey; 2] {
        let first = StoreKey::digest(b"first");
        let node = self.node_of(&name(&first)).await;
        for number in 0_u32.. {
            let second = StoreKey::digest(&number.to_be_bytes());
            if self.node_of(&name(&second)).await != node {
                return [first, second];
            }
        }
        unreachable!("there are three nodes")
    }

    async fn node_of(&self, name: &[u8]) -> usize {
        let mut slot = redis::cmd("CLUSTER");
        slot.arg("KEYSLOT").arg(name);
        let slot = self.admin(0).await.query(&slot).await;
        self.cluster.master_of(slot)
    }

    async fn admin(&self, node: usize) -> Admin {
        Admin::of(&format!("redis://127.0.0.1:{}", self.cluster.ports()[node])).await
    }
}

/// The name of a record of such a store.
pub(crate) fn name(key: &StoreKey) -> Vec<u8> {
    [b"session:s:", &key.as_bytes()[..]].concat()
}

/// The name of an owner's index of such a store.
pub(crate) fn index(owner: &str) -> Vec<u8> {
    let digest = sha1_smol::Sha1::from(owner).digest();
    format!("session:o:{digest}").into_bytes()
}

/// Looks until this holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(8), "{what}: never");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
