//! A store of the four required methods, each with waits in it, keeps the laws of the group
//! `store`: the provided `rename`, `exists` and `ttl` are right.

#[path = "reference/store.rs"]
#[expect(dead_code, reason = "what this store leaves to the provided methods")]
mod reference;

use reference::{Answer, Reference};
use session_core::{
    NewRecord, Precondition, Record, SetOutcome, Store, StoreKey, Ttl, async_trait,
};
use tokio::task::yield_now;

struct FourMethods(Reference);

#[async_trait]
impl Store for FourMethods {
    async fn get(&self, key: &StoreKey) -> Answer<Option<Record>> {
        yield_now().await;
        let answer = self.0.get(key).await;
        yield_now().await;
        answer
    }

    async fn set(
        &self,
        key: &StoreKey,
        record: &NewRecord<'_>,
        ttl: Ttl,
        when: Precondition,
    ) -> Answer<SetOutcome> {
        yield_now().await;
        let answer = self.0.set(key, record, ttl, when).await;
        yield_now().await;
        answer
    }

    async fn delete(&self, key: &StoreKey) -> Answer<bool> {
        yield_now().await;
        let answer = self.0.delete(key).await;
        yield_now().await;
        answer
    }

    async fn expire(&self, key: &StoreKey, ttl: Ttl) -> Answer<bool> {
        yield_now().await;
        let answer = self.0.expire(key, ttl).await;
        yield_now().await;
        answer
    }
}

async fn fresh_store() -> impl Store {
    FourMethods(Reference::default())
}

session_conformance::store_laws!(fresh_store);

async fn two_stores() -> (impl Store, impl Store) {
    let store = Reference::default();
    (FourMethods(store.neighbour()), FourMethods(store))
}

session_conformance::namespace_laws!(two_stores);
