use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{IdError, IdSource, StoreKey};

/// A session's ID: secret random bytes, which only the client holds.
///
/// Its text is base64url without padding (RFC 4648 §5), one text for each ID. A store never sees
/// it, only its [`StoreKey`]; `Debug` shows nothing of it.
///
/// ```
/// use session_core::{IdLength, OsIdSource, SessionId};
///
/// let id = SessionId::generate(IdLength::default(), &OsIdSource)?;
/// assert_eq!(id.as_bytes().len(), 32);
/// assert_eq!(id.to_text().len(), 43);
/// assert_eq!(SessionId::parse(id.to_text().as_bytes(), IdLength::default()), Some(id));
/// # Ok::<(), session_core::IdError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SessionId(Bytes);

/// IDs of the usual length lie inline, so that reading a cookie allocates nothing; others do not
/// make them larger.
#[derive(Clone, PartialEq, Eq)]
enum Bytes {
    Short([u8; SHORT]),
    Other(Box<[u8]>),
}

/// The default number of bytes.
const SHORT: usize = 32;

impl SessionId {
    /// A new ID of this length from this source.
    ///
    /// # Errors
    /// [`IdError`] if the source has none to give.
    pub fn generate(length: IdLength, source: &dyn IdSource) -> Result<Self, IdError> {
        let mut bytes = [0; IdLength::MAX];
        let (id, _) = bytes.split_at_mut(length.get());
        source.fill(id)?;
        Ok(Self::new(id))
    }

    /// Reads untrusted text. `None` unless it is exactly the base64url of so many bytes: no
    /// padding, no white space, no second spelling of the same ID. Allocates nothing for an ID of
    /// 32 bytes.
    pub fn parse(text: &[u8], length: IdLength) -> Option<Self> {
        if text.len() != length.text_len() {
            return None;
        }
        // The decoder asks for room in whole groups of three bytes.
        let mut room = [0; IdLength::MAX.next_multiple_of(3)];
        let decoded = URL_SAFE_NO_PAD.decode_slice(text, &mut room).ok()?;
        let bytes = room.get(..decoded)?;
        (bytes.len() == length.get()).then(|| Self::new(bytes))
    }

    fn new(bytes: &[u8]) -> Self {
        Self(match bytes.try_into() {
            Ok(short) => Bytes::Short(short),
            Err(_) => Bytes::Other(bytes.into()),
        })
    }

    /// The secret bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::Short(bytes) => bytes,
            Bytes::Other(bytes) => bytes,
        }
    }

    /// The text for the client to hold. Secret: for a `Set-Cookie` and nothing else.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.as_bytes())
    }

    pub(crate) fn text_len(&self) -> usize {
        text_len(self.as_bytes().len())
    }

    /// Writes the text behind what is there.
    pub(crate) fn write_text(&self, out: &mut String) {
        URL_SAFE_NO_PAD.encode_string(self.as_bytes(), out);
    }

    /// The name under which a store keeps this session's record.
    pub fn store_key(&self) -> StoreKey {
        StoreKey::digest(self.as_bytes())
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(redacted)")
    }
}

/// How many random bytes a session ID has: 16 to 128, 32 unless said otherwise.
///
/// 16 bytes are the 128 bits that OWASP ASVS 5.0 §7.2.3 asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IdLength(u8);

impl IdLength {
    /// The fewest bytes: 16.
    pub const MIN: usize = 16;
    /// The most bytes: 128.
    pub const MAX: usize = 128;

    /// So many bytes; `None` if fewer than 16 or more than 128.
    pub const fn new(bytes: usize) -> Option<Self> {
        match bytes {
            #[expect(clippy::cast_possible_truncation, reason = "128 at most")]
            Self::MIN..=Self::MAX => Some(Self(bytes as u8)),
            _ => None,
        }
    }

    /// The number of bytes.
    pub const fn get(self) -> usize {
        self.0 as usize
    }

    /// The number of base64url characters of an ID's text: 43 for 32 bytes.
    pub const fn text_len(self) -> usize {
        text_len(self.get())
    }
}

const fn text_len(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

impl Default for IdLength {
    fn default() -> Self {
        Self(SHORT as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsIdSource;

    #[test]
    fn every_length_from_16_to_128_makes_a_text_that_parses_back() {
        for bytes in IdLength::MIN..=IdLength::MAX {
            let length = IdLength::new(bytes).unwrap();
            let id = SessionId::generate(length, &OsIdSource).unwrap();
            let text = id.to_text();
            assert_eq!(text.len(), length.text_len());
            assert_eq!(SessionId::parse(text.as_bytes(), length), Some(id));
        }
        assert_eq!(IdLength::new(15), None);
        assert_eq!(IdLength::new(129), None);
    }

    #[test]
    fn only_one_text_names_an_id() {
        let length = IdLength::default();
        let text = [b'A'; 43];
        assert!(SessionId::parse(&text, length).is_some());
        for bad in [b'=', b'+', b'/', b' ', b'\n', 0, 0xff, b'%'] {
            let mut text = text;
            text[20] = bad;
            assert!(SessionId::parse(&text, length).is_none(), "{bad}");
        }
        // 43 characters hold 258 bits; the last two must be zero.
        for last in [b'B', b'C', b'D'] {
            let mut text = text;
            text[42] = last;
            assert!(SessionId::parse(&text, length).is_none(), "{last}");
        }
        for wrong in [&text[..42], &[b'A'; 44], b"", b"null"] {
            assert!(SessionId::parse(wrong, length).is_none());
        }
    }

    #[test]
    fn debug_shows_nothing_of_the_id() {
        let id = SessionId::generate(IdLength::default(), &OsIdSource).unwrap();
        assert_eq!(format!("{id:?}"), "SessionId(redacted)");
    }
}
