//! The laws hold for a correct store. This is all that a store's own test file needs.

#[path = "reference/store.rs"]
#[expect(dead_code, reason = "what only the faults of tests/broken need")]
mod reference;

use reference::Reference;
use session_core::FullStore;

async fn fresh_store() -> impl FullStore {
    Reference::default()
}

async fn two_stores() -> (impl FullStore, impl FullStore) {
    let store = Reference::default();
    (store.neighbour(), store)
}

session_conformance::full_store_laws!(fresh_store, two_stores);
