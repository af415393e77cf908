//! One short function per promise of the contract. The first line of its docs is the number and the
//! sentence of `docs/contract.md`.

pub mod atomic;
pub mod bytes;
pub mod created;
pub mod delete;
pub mod delete_owner;
pub mod expire;
pub mod expiry;
pub mod full;
pub mod full_namespaces;
pub mod get;
pub mod maintain;
pub mod namespaces;
pub mod one_step;
pub mod owners;
pub mod rename;
pub mod rename_races;
pub mod set;
pub mod versions;
