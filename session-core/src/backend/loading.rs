//! From stored bytes to a session's contents.

use std::borrow::Cow;

use bytes::Bytes;

use super::{ServerSideBackend, counters::count};
use crate::{
    Operation, RESERVED_KEY, Record, SessionError, SessionId, StoreError, StoreErrorKind, StoreKey,
    codec::Document,
    session::{Origin, Own, Shared, Stored},
};

impl ServerSideBackend {
    /// What the store holds for this ID.
    pub(super) async fn origin(&self, id: &SessionId) -> Result<Origin, StoreError> {
        let key = id.store_key();
        let record = match self.fetch(&key).await {
            Ok(record) => record,
            Err(error) if error.kind() == StoreErrorKind::Corrupt => {
                return self.undecodable(key, error);
            }
            Err(error) => return Err(error),
        };
        let Some(record) = record else {
            count(&self.inner.counters.unknown);
            return Ok(Origin::None);
        };
        match self.read(id.clone(), key, record) {
            Ok(stored) => Ok(Origin::Stored(Box::new(stored))),
            Err(error) => self.undecodable(key, error),
        }
    }

    /// Loads a session's record again, under its pending changes.
    pub(crate) async fn reload(&self, shared: &Shared) -> Result<(), SessionError> {
        let current = {
            let state = shared.state();
            match (&state.origin, state.stored()) {
                (_, Some(stored)) => Some((stored.id.clone(), stored.key)),
                (Origin::Ended, _) => return Err(SessionError::Ended),
                _ => None,
            }
        };
        let Some((id, key)) = current else {
            return Ok(());
        };
        match self.fetch(&key).await? {
            Some(record) => {
                let stored = self.read(id, key, record)?;
                shared.state().rebase(stored);
                Ok(())
            }
            // Destroyed meanwhile, by a handler of this request: that is not done yet.
            None if shared.state().stored().is_none() => Ok(()),
            None => {
                self.end(shared);
                Err(SessionError::Ended)
            }
        }
    }

    pub(super) fn fetch<'a>(
        &'a self,
        key: &'a StoreKey,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> {
        self.call(Operation::Get, self.store_ref().get(key))
    }

    /// Decrypts stored bytes where they are encrypted.
    pub(super) fn open(&self, key: &StoreKey, data: Bytes) -> Option<Bytes> {
        #[cfg(feature = "encryption")]
        if let Some(encryption) = &self.settings().encryption {
            return encryption.open(key, &data).map(Bytes::from);
        }
        let _ = key;
        Some(data)
    }

    /// Encrypts bytes to store where that is asked for.
    pub(super) fn seal<'a>(
        &self,
        key: &StoreKey,
        data: Cow<'a, [u8]>,
    ) -> Result<Cow<'a, [u8]>, SessionError> {
        let (size, limit) = (data.len(), self.settings().max_bytes);
        if size > limit {
            return Err(SessionError::TooLarge { size, limit });
        }
        #[cfg(feature = "encryption")]
        if let Some(encryption) = &self.settings().encryption {
            return Ok(encryption.seal(key, &data)?.into());
        }
        let _ = key;
        Ok(data)
    }

    fn read(&self, id: SessionId, key: StoreKey, mut record: Record) -> Result<Stored, StoreError> {
        let corrupt = || StoreError::new(StoreErrorKind::Corrupt, Operation::Get);
        let settings = self.settings();
        // What encryption adds is a few dozen bytes, which the limit need not count.
        if record.data.len() > settings.max_bytes.saturating_add(256) {
            return Err(corrupt());
        }
        let data = self
            .open(&key, std::mem::take(&mut record.data))
            .ok_or_else(corrupt)?;
        let document = Document::parse(data, settings.format)
            .map_err(|source| corrupt().with_source(source))?;
        Ok(Stored::new(id, key, record, document))
    }

    /// What a stored session asked for itself; the defaults if it cannot be read.
    pub(crate) fn own_of(&self, key: &StoreKey, record: &Record) -> Own {
        let format = self.settings().format;
        let own = || {
            let data = self.open(key, record.data.clone())?;
            let document = Document::parse(data, format).ok()?;
            format.decode(document.get(RESERVED_KEY.as_bytes())?).ok()
        };
        own().unwrap_or_default()
    }

    fn undecodable(&self, key: StoreKey, error: StoreError) -> Result<Origin, StoreError> {
        count(&self.inner.counters.undecodable);
        tracing::warn!(%key, %error, "stored session cannot be read");
        if self.is_corrupt_allowed() {
            Ok(Origin::Unusable(key))
        } else {
            Err(error)
        }
    }
}
