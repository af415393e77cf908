use std::{borrow::Cow, sync::Arc};

use super::{Changes, Marks, Stored, lifetime::Own, lifetime::RESERVED_KEY};
use crate::{
    Format, Lifetime, SessionId, StoreKey, TokenInstruction,
    codec::{Document, encode_map},
};

/// All that a request knows of its session: what was loaded, and what was done to it since.
pub(crate) struct State {
    pub(crate) format: Format,
    pub(crate) origin: Origin,
    pub(crate) changes: Changes,
    /// The lifetime and cookie that this session asked for, changes included.
    pub(crate) own: Own,
    /// The ID is to change with the next commit.
    pub(crate) rotation: Option<Rotation>,
    /// The ID that the next commit will use, if a handler has asked for it already.
    pub(crate) next_id: Option<SessionId>,
    /// The record that the next commit deletes, because the handler destroyed the session.
    pub(crate) ending: Option<StoreKey>,
    pub(crate) is_new: bool,
    /// A record is made even if there is nothing to keep.
    pub(crate) eager: bool,
    /// What the response must tell the client, from commits before the last.
    pub(crate) instruction: TokenInstruction,
    /// The response is on its way: no token can reach the client any more.
    pub(crate) answered: bool,
    pub(crate) marks: Marks,
}

/// How the ID changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// The session is as old as it was.
    KeepingAge,
    /// The session begins anew, with its contents.
    BeginningAnew,
}

/// Where the session's contents come from.
pub(crate) enum Origin {
    /// There is no record.
    None,
    /// The client's record exists, but cannot be read, or is past its absolute timeout.
    Unusable(StoreKey),
    /// The record as it was loaded or last written.
    Stored(Box<Stored>),
    /// There was one when this request loaded it, and now there is none.
    Ended,
    /// The store could not be asked; nothing may be written.
    Outage,
}

impl State {
    pub(crate) fn new(format: Format, origin: Origin) -> Self {
        let mut state = Self {
            format,
            is_new: !matches!(origin, Origin::Stored(_)),
            origin,
            changes: Changes::default(),
            own: Own::default(),
            rotation: None,
            next_id: None,
            ending: None,
            eager: false,
            instruction: TokenInstruction::Keep,
            answered: false,
            marks: Marks::default(),
        };
        state.read_own();
        state
    }

    pub(super) fn value(&self, key: &[u8]) -> Option<&[u8]> {
        match self.changes.get(key) {
            Some(changed) => changed,
            None => self.loaded(key),
        }
    }

    /// The encoded value of one of the application's own keys, changes included.
    pub(crate) fn entry(&self, key: &str) -> Option<&[u8]> {
        if key == RESERVED_KEY {
            return None;
        }
        self.value(key.as_bytes())
    }

    /// Puts or removes a value. Equal to what was loaded is no change.
    pub(crate) fn put(&mut self, key: Cow<'static, str>, value: Option<Vec<u8>>) {
        self.marks.changes += 1;
        if self.loaded(key.as_bytes()) == value.as_deref() {
            self.changes.forget(&key);
        } else {
            self.changes.put(key, value);
        }
    }

    /// A change to a record that could not be loaded. Whether it changes anything can't be known,
    /// so the commit must fail.
    pub(crate) fn change_unseen(&mut self) {
        if matches!(self.origin, Origin::Outage) {
            self.rotation = Some(Rotation::KeepingAge);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.change_unseen();
        self.marks.changes += 1;
        self.marks.clears += 1;
        let anything = self.document().is_some_and(|document| document.len() > 0);
        self.changes.clear(anything);
        // The contents go; what the session asked for itself stays.
        let own = std::mem::take(&mut self.own);
        self.write_own(own);
    }

    /// The application's own keys with their encoded values, changes included.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.own_entries().map(|(key, value)| {
            // Keys were checked when they were read, or were text to begin with.
            (str::from_utf8(key).unwrap_or_default(), value)
        })
    }

    /// The owner, changes included.
    pub(crate) fn owner(&self) -> Option<Arc<str>> {
        match &self.changes.owner {
            Some(changed) => changed.clone(),
            None => self.stored().and_then(|stored| stored.owner.clone()),
        }
    }

    pub(crate) fn set_owner(&mut self, owner: Option<&str>) {
        self.marks.changes += 1;
        self.change_unseen();
        let loaded = self.stored().and_then(|stored| stored.owner.as_deref());
        self.changes.owner = (loaded != owner).then(|| owner.map(Arc::from));
    }

    pub(crate) fn rotate(&mut self, rotation: Rotation) {
        self.marks.rotations += 1;
        if self.stored().is_some() && self.rotation != Some(Rotation::BeginningAnew) {
            self.rotation = Some(rotation);
        }
        self.change_unseen();
        // One that was handed out by `id` may be known already.
        self.next_id = None;
    }

    /// Whether there is nothing worth a record.
    pub(crate) fn is_empty(&self) -> bool {
        self.own_entries().next().is_none() && self.owner().is_none()
    }

    /// Whether it had reached its absolute timeout when it was loaded.
    pub(crate) fn is_over(&self, default: Lifetime) -> bool {
        let lifetime = self.own.lifetime.unwrap_or(default);
        self.stored()
            .is_some_and(|stored| lifetime.ttl(stored.age_when_read()).is_none())
    }

    pub(crate) fn is_modified(&self) -> bool {
        !self.changes.is_empty() || self.rotation.is_some() || self.ending.is_some()
    }

    pub(crate) fn stored(&self) -> Option<&Stored> {
        match &self.origin {
            Origin::Stored(stored) => Some(stored),
            _ => None,
        }
    }

    /// Everything as one encoded map.
    pub(crate) fn encode(&self) -> Vec<u8> {
        // Counted by the changes, of which there are few, and not by going through all entries.
        let loaded = (!self.changes.cleared).then(|| self.document()).flatten();
        let mut count = loaded.map_or(0, Document::len);
        // The longest header of a map, and the ends of a JSON object.
        let mut size = loaded.map_or(0, Document::size) + 7;
        for (key, value) in self.changes.iter() {
            // Bytes from elsewhere may hold a key twice.
            let replaced = |document: &Document| {
                let same = |(name, _): &(&[u8], &[u8])| *name == key.as_bytes();
                document.iter().filter(same).count()
            };
            count -= loaded.map_or(0, replaced);
            if let Some(value) = value {
                count += 1;
                // Five bytes are the longest header of a key, a separator included.
                size += key.len() + value.len() + 5;
            }
        }
        encode_map(self.format, self.all_entries(), count, size)
    }

    /// A map without entries.
    pub(crate) fn encode_empty(&self) -> Vec<u8> {
        encode_map(self.format, std::iter::empty(), 0, 2)
    }

    pub(crate) fn write_own(&mut self, own: Own) {
        if own == self.own {
            return;
        }
        self.own = own;
        let value = if self.own == Own::default() {
            None
        } else {
            // Numbers, booleans and text always have a stored form.
            self.format.encode(&self.own).ok()
        };
        self.put(Cow::Borrowed(RESERVED_KEY), value);
    }

    /// The session is over: nothing of it may be written any more.
    pub(crate) fn end(&mut self) {
        self.drop_changes();
        self.origin = Origin::Ended;
        self.instruction = TokenInstruction::Keep;
        self.read_own();
    }

    /// Forgets what was done and not stored, but for a `destroy`.
    pub(crate) fn drop_changes(&mut self) {
        self.changes = Changes::default();
        self.rotation = None;
        self.eager = false;
        self.next_id = None;
        self.read_own();
    }

    /// Takes over a newer record; the changes stay on top of it. Of no use to a session that was
    /// destroyed meanwhile.
    pub(crate) fn rebase(&mut self, stored: Stored) {
        if self.stored().is_none() {
            return;
        }
        self.origin = Origin::Stored(Box::new(stored));
        if self.changes.get(RESERVED_KEY.as_bytes()).is_none() {
            self.read_own();
        }
    }

    /// Reads again what the session asked for itself.
    pub(super) fn read_own(&mut self) {
        self.own = self
            .value(RESERVED_KEY.as_bytes())
            .and_then(|raw| self.format.decode(raw).ok())
            .unwrap_or_default();
    }

    pub(super) fn all_entries(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let loaded = (!self.changes.cleared).then(|| self.document()).flatten();
        loaded
            .into_iter()
            .flat_map(Document::iter)
            .filter(|(key, _)| self.changes.get(key).is_none())
            .chain(self.changes.puts())
    }

    fn own_entries(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.all_entries()
            .filter(|(key, _)| *key != RESERVED_KEY.as_bytes())
    }

    fn loaded(&self, key: &[u8]) -> Option<&[u8]> {
        if self.changes.cleared {
            return None;
        }
        self.document()?.get(key)
    }

    fn document(&self) -> Option<&Document> {
        self.stored().map(|stored| &stored.document)
    }
}
