//! Stores made of other stores.

mod migrating;
mod namespaced;
mod registry;
mod replicated;

pub use migrating::Migrating;
pub use namespaced::Namespaced;
pub use registry::{OpenStoreError, StoreRegistry, UnknownStore};
pub use replicated::{OnReplicaFailure, Replicated};
