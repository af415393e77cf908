//! The demo as a running program, and a client that can send anything.

mod answer;
mod binary;
mod client;
mod database;
mod process;
mod site;
mod webdriver;

pub(crate) use answer::Answer;
pub(crate) use binary::demo_binary;
pub(crate) use client::{Visitor, begin, send, send_headers};
pub(crate) use database::{Database, id_bytes};
pub(crate) use process::{Demo, command};
pub(crate) use site::{Site, on_each_store};
pub(crate) use webdriver::Browser;
