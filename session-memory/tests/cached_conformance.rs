//! A memory store before another keeps every law of the store contract.

use session_conformance::full_store_laws;
use session_core::{Cached, FullStore, Ttl};
use session_memory::MemoryStore;

/// For longer than any law takes: what the near store should not answer any more, a law asks for.
#[expect(clippy::unwrap_used, reason = "it is a time to live")]
async fn fresh() -> impl FullStore {
    let minute = Ttl::from_secs(60).unwrap();
    Cached::new(MemoryStore::new(), MemoryStore::new(), minute)
}

async fn two() -> (impl FullStore, impl FullStore) {
    (fresh().await, fresh().await)
}

full_store_laws!(fresh, two);
