//! How a session's data becomes the bytes that a store keeps, and back.

mod document;
#[cfg(feature = "encryption")]
mod encryption;
mod error;
mod format;
mod json;
mod msgpack;

pub(crate) use document::{Document, encode_map};
#[cfg(feature = "encryption")]
pub use encryption::{Encryption, EncryptionKeyError};
pub use error::{DecodeError, EncodeError};
pub use format::Format;
