use std::{borrow::Cow, sync::Arc};

/// What a request did to a session's contents, kept apart from what was loaded, so that it can be
/// applied again to what another request stored meanwhile.
#[derive(Clone, Default)]
pub(crate) struct Changes {
    /// Whatever was loaded is gone; the entries are all there is.
    pub(crate) cleared: bool,
    /// The encoded value of each key that was put; `None` for one that was removed.
    entries: Vec<(Cow<'static, str>, Option<Vec<u8>>)>,
    /// A new owner, or none from now on.
    pub(crate) owner: Option<Option<Arc<str>>>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        !self.cleared && self.entries.is_empty() && self.owner.is_none()
    }

    /// `None`: untouched; `Some(None)`: removed.
    pub(crate) fn get(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        self.entries
            .iter()
            .find(|(name, _)| name.as_bytes() == key)
            .map(|(_, value)| value.as_deref())
    }

    pub(crate) fn put(&mut self, key: Cow<'static, str>, value: Option<Vec<u8>>) {
        match self.entries.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => self.entries.push((key, value)),
        }
    }

    /// Back to what was loaded.
    pub(crate) fn forget(&mut self, key: &str) {
        self.entries.retain(|(name, _)| name != key);
    }

    /// The keys that were put or removed, with their encoded values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Option<&[u8]>)> {
        self.entries
            .iter()
            .map(|(key, value)| (key.as_ref(), value.as_deref()))
    }

    /// The keys that were put, with their encoded values.
    pub(crate) fn puts(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.iter()
            .filter_map(|(key, value)| Some((key.as_bytes(), value?)))
    }

    /// Drops all that was there and all that was put.
    pub(crate) fn clear(&mut self, anything_loaded: bool) {
        self.entries.clear();
        self.cleared = anything_loaded;
    }
}
