//! Two memory stores between which sessions move keep every law of the store contract, wherever the sessions
//! begin.

mod fixture;

use fixture::{begins_old::BeginsOld, yielding::Yielding};
use session_conformance::{full_store_laws, one_step_rename_laws, store_laws};
use session_core::{FullStore, Migrating};

mod in_the_new_store {
    use super::*;

    async fn fresh() -> impl FullStore {
        Migrating::new(Yielding::default(), Yielding::default())
    }

    async fn two() -> (impl FullStore, impl FullStore) {
        (fresh().await, fresh().await)
    }

    full_store_laws!(fresh, two);
}

/// But for those whose races count records while they move: these are counted twice.
mod in_the_old_store {
    use super::*;

    async fn fresh() -> BeginsOld {
        BeginsOld::default()
    }

    store_laws!(fresh);
    one_step_rename_laws!(fresh);
}
