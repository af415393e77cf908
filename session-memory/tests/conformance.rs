//! Every law of the store contract.

use session_conformance::full_store_laws;
use session_core::FullStore;
use session_memory::MemoryStore;

async fn fresh() -> impl FullStore {
    MemoryStore::new()
}

/// There is no database to share: each store is its own.
async fn two() -> (impl FullStore, impl FullStore) {
    (MemoryStore::new(), MemoryStore::new())
}

full_store_laws!(fresh, two);
