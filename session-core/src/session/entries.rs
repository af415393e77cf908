//! Reading and changing what a session holds. Nothing here talks to the store.

use serde::{Serialize, de::DeserializeOwned};

use super::{Session, SessionError, SessionKey, lifetime::RESERVED_KEY};

impl Session {
    /// The value under a key, decoded straight into `T`; `None` if there is none.
    ///
    /// # Errors
    /// [`SessionError::Decode`] if the value is of another type.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "keys are passed alike everywhere, and most are `&str` or `Copy`"
    )]
    pub fn get<T: DeserializeOwned>(
        &self,
        key: impl SessionKey<T>,
    ) -> Result<Option<T>, SessionError> {
        let state = self.state();
        match state.entry(key.name()) {
            Some(raw) => match state.format.decode(raw) {
                Ok(value) => Ok(Some(value)),
                Err(source) => Err(SessionError::Decode {
                    key: key.name().to_owned(),
                    source,
                }),
            },
            None => Ok(None),
        }
    }

    /// Puts a value under a key; whether that changes anything. An equal value is no change, and
    /// costs no write.
    ///
    /// # Errors
    /// [`SessionError::Encode`] if the value has no stored form, [`SessionError::ReservedKey`].
    pub fn insert<T: Serialize + ?Sized>(
        &self,
        key: impl SessionKey<T>,
        value: &T,
    ) -> Result<bool, SessionError> {
        if key.name() == RESERVED_KEY {
            return Err(SessionError::ReservedKey);
        }
        let mut state = self.state();
        let encoded = match state.format.encode(value) {
            Ok(encoded) => encoded,
            Err(source) => {
                return Err(SessionError::Encode {
                    key: key.name().to_owned(),
                    source,
                });
            }
        };
        if state.entry(key.name()) == Some(encoded.as_slice()) {
            return Ok(false);
        }
        state.put(key.into_name(), Some(encoded));
        Ok(true)
    }

    /// Removes the value under a key; whether there was one.
    pub fn remove(&self, key: impl AsRef<str>) -> bool {
        let key = key.as_ref();
        let mut state = self.state();
        state.change_unseen();
        let there = state.entry(key).is_some();
        if there {
            state.put(key.to_owned().into(), None);
        }
        there
    }

    /// Removes the value under a key and returns it.
    ///
    /// # Errors
    /// [`SessionError::Decode`] if the value is of another type; it stays then.
    pub fn take<T: DeserializeOwned>(
        &self,
        key: impl SessionKey<T>,
    ) -> Result<Option<T>, SessionError> {
        let mut state = self.state();
        let Some(raw) = state.entry(key.name()) else {
            return Ok(None);
        };
        match state.format.decode(raw) {
            Ok(value) => {
                state.put(key.into_name(), None);
                Ok(Some(value))
            }
            Err(source) => Err(SessionError::Decode {
                key: key.name().to_owned(),
                source,
            }),
        }
    }

    /// Whether there is a value under this key.
    pub fn contains_key(&self, key: impl AsRef<str>) -> bool {
        self.state().entry(key.as_ref()).is_some()
    }

    /// Removes all values. The session, its owner and its own lifetime stay.
    pub fn clear(&self) {
        self.state().clear();
    }

    /// Whether it holds no value.
    pub fn is_empty(&self) -> bool {
        self.state().entries().next().is_none()
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.state().entries().count()
    }

    /// The keys of all values, in no particular order.
    pub fn keys(&self) -> Vec<String> {
        let state = self.state();
        state.entries().map(|(key, _)| key.to_owned()).collect()
    }

    /// All values with their keys, decoded into one type, in no particular order.
    ///
    /// # Errors
    /// [`SessionError::Decode`] if one is of another type.
    pub fn entries<T: DeserializeOwned>(&self) -> Result<Vec<(String, T)>, SessionError> {
        let state = self.state();
        let decode = |(key, raw): (&str, &[u8])| match state.format.decode(raw) {
            Ok(value) => Ok((key.to_owned(), value)),
            Err(source) => Err(SessionError::Decode {
                key: key.to_owned(),
                source,
            }),
        };
        state.entries().map(decode).collect()
    }
}
