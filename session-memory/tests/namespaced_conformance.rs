//! A part of a memory store keeps the laws of the store contract, beside another part of the same store.

use session_conformance::{namespace_laws, one_step_rename_laws, owner_index_laws, store_laws};
use session_core::Namespaced;
use session_memory::MemoryStore;

async fn fresh() -> Namespaced<MemoryStore> {
    Namespaced::new(MemoryStore::new(), "shop")
}

async fn two() -> (Namespaced<MemoryStore>, Namespaced<MemoryStore>) {
    let store = MemoryStore::new();
    let of = |name| Namespaced::new(store.clone(), name);
    (of("shop"), of("admin"))
}

/// One that is within the other.
mod nested {
    use super::*;

    async fn two() -> (Namespaced<MemoryStore>, Namespaced<Namespaced<MemoryStore>>) {
        let outer = Namespaced::new(MemoryStore::new(), "shop");
        (outer.clone(), Namespaced::new(outer, "shop"))
    }

    namespace_laws!(two);
}

/// One that is within another of the same name, and the store that all of them are in.
mod twice {
    use super::*;

    async fn two() -> (MemoryStore, Namespaced<Namespaced<MemoryStore>>) {
        let store = MemoryStore::new();
        let outer = Namespaced::new(store.clone(), "shop");
        (store, Namespaced::new(outer, "shop"))
    }

    namespace_laws!(two);
}

store_laws!(fresh);
one_step_rename_laws!(fresh);
owner_index_laws!(fresh);
namespace_laws!(two);
