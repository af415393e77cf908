//! What all tests stand on: a store that can be watched and upset, and the requests of a visitor.

mod fault;
mod increment;
mod logs;
mod requests;
mod source;
mod spy_store;
mod store_impl;

pub(crate) use fault::Fault;
pub(crate) use increment::{increment, interfere};
pub(crate) use logs::captured;
pub(crate) use requests::{
    Visitor, assert_keep, assert_remove, backend, built, during, keys, load, lost, set_token,
    store_error, value,
};
pub(crate) use source::{FixedSource, SilentSource, noise};
pub(crate) use spy_store::SpyStore;
