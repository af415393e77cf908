//! The demo as a running program, and a client that can send anything.

mod answer;
mod binary;
mod client;
mod database;
mod keys;
mod on_stores;
mod own_database;
mod process;
mod site;
mod webdriver;

pub(crate) use answer::Answer;
pub(crate) use binary::demo_binary;
pub(crate) use client::{Visitor, begin, send, send_headers};
pub(crate) use database::{Database, id_bytes};
pub(crate) use keys::Keys;
pub(crate) use on_stores::{
    on_each_database, on_each_near_cache, on_each_server, on_each_store, on_each_store_at_hand,
    on_store,
};
pub(crate) use own_database::OwnDatabase;
pub(crate) use process::{Demo, command};
pub(crate) use site::{Site, Store, repeats};
pub(crate) use webdriver::Browser;
