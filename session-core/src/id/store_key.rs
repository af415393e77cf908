use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// The only name by which a store knows a session: the SHA-256 digest of its ID.
///
/// Safe to store, to log and to compare in any way: it does not lead back to the ID, and a cookie
/// that holds it is a stranger's. Its text is 43 characters of base64url without padding.
///
/// ```
/// use session_core::StoreKey;
///
/// let key = StoreKey::digest(b"abc");
/// assert_eq!(key.to_string(), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
/// assert_eq!(key.to_string().parse(), Ok(key));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey([u8; Self::LEN]);

impl StoreKey {
    /// Its length in bytes.
    pub const LEN: usize = 32;

    /// The key of these secret bytes. A session's is made of the raw bytes of its ID, before
    /// base64url.
    pub fn digest(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// From the bytes that a store has kept.
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes for a store to keep.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Display for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 43];
        let written = URL_SAFE_NO_PAD
            .encode_slice(self.0, &mut text)
            .map_err(|_| fmt::Error)?;
        let text = text.get(..written).ok_or(fmt::Error)?;
        f.pad(str::from_utf8(text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreKey({self})")
    }
}

impl FromStr for StoreKey {
    type Err = StoreKeyError;

    fn from_str(text: &str) -> Result<Self, StoreKeyError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| StoreKeyError(()))?;
        bytes.try_into().map(Self).map_err(|_| StoreKeyError(()))
    }
}

impl TryFrom<&[u8]> for StoreKey {
    type Error = StoreKeyError;

    fn try_from(bytes: &[u8]) -> Result<Self, StoreKeyError> {
        bytes.try_into().map(Self).map_err(|_| StoreKeyError(()))
    }
}

/// The text or the bytes are no [`StoreKey`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a store key is 32 bytes, or 43 characters of base64url")]
pub struct StoreKeyError(());
