//! What the groups of laws ask of a store, as object-safe traits.

use session_core::{Maintain, OwnerIndex, Store};

/// A store with housekeeping: what the group `maintain` asks for. Every type that has both has it.
pub trait MaintainedStore: Store + Maintain {}

impl<S: Store + Maintain + ?Sized> MaintainedStore for S {}

/// A store with an owner index: what the group `owner_index` asks for. Every type that has both
/// has it.
pub trait IndexedStore: Store + OwnerIndex {}

impl<S: Store + OwnerIndex + ?Sized> IndexedStore for S {}
