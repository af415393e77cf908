use std::fmt;

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};

use crate::{IdError, IdSource as _, OsIdSource, StoreKey};

/// The first byte of an encrypted record: one that begins neither a MessagePack map nor JSON.
const MARK: u8 = 0xc1;
const VERSION: u8 = 1;
const NONCE_LEN: usize = 24;
const KEY_LEN: usize = 32;

/// Encryption at rest: what a store keeps is sealed with XChaCha20-Poly1305 under a key that the
/// store never sees.
///
/// A sealed record is the byte `0xc1`, the version `1`, a fresh 24-byte nonce, and the ciphertext
/// with its 16-byte tag. It is bound to its [`StoreKey`], so that records swapped in the database
/// do not open. The owner is not encrypted: the store finds sessions by it.
///
/// The newest key seals, all keys open: put a new one in front, and drop the old one once the
/// longest session has ended. A record that no key opens is treated as undecodable.
///
/// ```
/// use session_core::Encryption;
///
/// # let (new, old) = ([7; 32], [9; 32]);
/// let encryption = Encryption::new(&new)?.also_opens(&old)?;
/// assert_eq!(format!("{encryption:?}"), "Encryption { keys: 2, plaintext: false }");
/// # Ok::<(), session_core::EncryptionKeyError>(())
/// ```
#[derive(Clone)]
pub struct Encryption {
    ciphers: Vec<XChaCha20Poly1305>,
    plaintext: bool,
}

impl Encryption {
    /// Seals and opens with this key: 32 random bytes.
    ///
    /// # Errors
    /// [`EncryptionKeyError`] if it has another length, or is all zero.
    pub fn new(key: &[u8]) -> Result<Self, EncryptionKeyError> {
        Ok(Self {
            ciphers: vec![cipher(key)?],
            plaintext: false,
        })
    }

    /// Opens with this older key, too.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn also_opens(mut self, key: &[u8]) -> Result<Self, EncryptionKeyError> {
        self.ciphers.push(cipher(key)?);
        Ok(self)
    }

    /// Reads records that are not encrypted, too, for the time of moving to encryption. While it
    /// is on, who can write to the database can forge a session.
    #[must_use]
    pub fn also_reads_plaintext(mut self) -> Self {
        self.plaintext = true;
        self
    }

    pub(crate) fn seal(&self, key: &StoreKey, plaintext: &[u8]) -> Result<Vec<u8>, IdError> {
        let mut nonce = [0; NONCE_LEN];
        OsIdSource.fill(&mut nonce)?;
        let cipher = self.ciphers.first().ok_or_else(|| IdError::new("no key"))?;
        let payload = Payload {
            msg: plaintext,
            aad: key.as_bytes(),
        };
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| IdError::new("sealing failed"))?;
        let mut record = Vec::with_capacity(2 + NONCE_LEN + sealed.len());
        record.extend_from_slice(&[MARK, VERSION]);
        record.extend_from_slice(&nonce);
        record.extend_from_slice(&sealed);
        Ok(record)
    }

    /// The plaintext; `None` if no key opens it.
    pub(crate) fn open(&self, key: &StoreKey, record: &[u8]) -> Option<Vec<u8>> {
        let sealed = match record {
            [MARK, VERSION, sealed @ ..] => sealed,
            [MARK, ..] => return None,
            plain => return self.plaintext.then(|| plain.to_vec()),
        };
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce: [u8; NONCE_LEN] = nonce.try_into().ok()?;
        let nonce = XNonce::from(nonce);
        self.ciphers.iter().find_map(|cipher| {
            let payload = Payload {
                msg: ciphertext,
                aad: key.as_bytes(),
            };
            cipher.decrypt(&nonce, payload).ok()
        })
    }
}

fn cipher(key: &[u8]) -> Result<XChaCha20Poly1305, EncryptionKeyError> {
    let key: [u8; KEY_LEN] = key.try_into().map_err(|_| EncryptionKeyError(()))?;
    if key == [0; KEY_LEN] {
        return Err(EncryptionKeyError(()));
    }
    Ok(XChaCha20Poly1305::new(&key.into()))
}

impl fmt::Debug for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encryption")
            .field("keys", &self.ciphers.len())
            .field("plaintext", &self.plaintext)
            .finish()
    }
}

/// The key is not 32 bytes long, or all zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an encryption key is 32 random bytes")]
pub struct EncryptionKeyError(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_what_it_sealed_for_this_key_untouched() {
        let old = Encryption::new(&[9; 32]).unwrap();
        let both = Encryption::new(&[7; 32])
            .unwrap()
            .also_opens(&[9; 32])
            .unwrap();
        let (key, other) = (StoreKey::digest(b"a"), StoreKey::digest(b"b"));
        let sealed = old.seal(&key, b"secret").unwrap();
        assert_eq!(both.open(&key, &sealed).unwrap(), b"secret");
        assert!(both.open(&other, &sealed).is_none());
        assert!(
            Encryption::new(&[7; 32])
                .unwrap()
                .open(&key, &sealed)
                .is_none()
        );
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(both.open(&key, &flipped).is_none(), "bit {bit}");
        }
        for end in 0..sealed.len() {
            assert!(both.open(&key, &sealed[..end]).is_none(), "cut at {end}");
        }
        assert_ne!(sealed, old.seal(&key, b"secret").unwrap());
    }

    #[test]
    fn plaintext_is_read_only_where_allowed() {
        let strict = Encryption::new(&[7; 32]).unwrap();
        let key = StoreKey::digest(b"a");
        assert!(strict.open(&key, b"{}").is_none());
        assert_eq!(
            strict.also_reads_plaintext().open(&key, b"{}").unwrap(),
            b"{}"
        );
    }

    #[test]
    fn weak_keys_are_refused() {
        for key in [&[][..], &[1; 31], &[1; 33], &[0; 32]] {
            assert!(Encryption::new(key).is_err());
        }
    }
}
