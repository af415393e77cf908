//! A memory store with two replicas keeps every law of the store contract.

mod fixture;

use fixture::yielding::Yielding;
use session_conformance::full_store_laws;
use session_core::{FullStore, OnReplicaFailure, Replicated};

async fn fresh() -> impl FullStore {
    let replicas = [Yielding::default(), Yielding::default()];
    Replicated::new(Yielding::default(), replicas, OnReplicaFailure::Fail)
}

async fn two() -> (impl FullStore, impl FullStore) {
    (fresh().await, fresh().await)
}

full_store_laws!(fresh, two);
