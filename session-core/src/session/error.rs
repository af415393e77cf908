use crate::{ConfigError, DecodeError, EncodeError, IdError, StoreError};

/// Why a session could not do what a handler asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The value under this key is of another type than the one asked for.
    #[error("the session's value {key:?} is of another type")]
    Decode {
        /// The value's name.
        key: String,
        /// What the decoder said.
        source: DecodeError,
    },
    /// The value for this key has no stored form.
    #[error("the session's value {key:?} cannot be stored")]
    Encode {
        /// The value's name.
        key: String,
        /// What the encoder said.
        source: EncodeError,
    },
    /// The key [`RESERVED_KEY`](crate::RESERVED_KEY) is the library's own.
    #[error("the key \"_session\" is reserved")]
    ReservedKey,
    /// All values together are larger than the backend's limit. Nothing was written.
    #[error("the session would take {size} bytes, the limit is {limit}")]
    TooLarge {
        /// The bytes it would take.
        size: usize,
        /// The most that the backend takes.
        limit: usize,
    },
    /// The session was ended since this request loaded it: by a logout, an ID rotation or its
    /// expiry. The changes were dropped; nothing was revived.
    #[error("the session has ended")]
    Ended,
    /// Other requests changed the session each time that this one tried to, up to the limit of
    /// retries. Nothing was written.
    #[error("the session kept changing")]
    Conflict,
    /// The change needs a new token for the client, and the response is on its way already.
    #[error("the response has been sent, no new session token can reach the client")]
    Answered,
    /// A lifetime for this session that could not work.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No random bytes for a session ID.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
