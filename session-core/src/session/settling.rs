//! What a store's answer makes of a session's state.
//!
//! Handlers may go on changing the session while its commit is on its way (a clone in another
//! task). What they did by then stays pending, relative to what is stored now.

use std::{borrow::Cow, mem};

use super::{Changes, Marks, Origin, Rotation, State, Stored, Write};
use crate::{Token, TokenInstruction, Ttl, Version, codec::Document};

impl State {
    /// The record holds what was pending at `seen`. `false` if a handler destroyed the session
    /// since.
    pub(crate) fn replaced(&mut self, version: Version, write: &mut Write, seen: &Marks) -> bool {
        if self.marks.destroys != seen.destroys {
            return false;
        }
        let document = Document::written(mem::take(&mut write.data), self.format);
        let changes = self.changes_since(seen, &document, write.owner.as_deref());
        if let Origin::Stored(stored) = &mut self.origin {
            stored.version = version;
            stored.owner = write.owner.take();
            stored.document = document;
            stored.extended(write.ttl.into());
        }
        self.settle(changes, seen);
        if write.own_changed {
            self.issue_token(write.longest);
        }
        true
    }

    /// There is a record under a new ID, and it holds what was pending at `seen`. `false` if a
    /// handler destroyed the session since.
    pub(crate) fn moved(&mut self, stored: Stored, longest: Ttl, seen: &Marks) -> bool {
        if self.marks.destroys != seen.destroys {
            // The handler could not know this record yet, and meant it.
            self.ending = Some(stored.key);
            return false;
        }
        let changes = self.changes_since(seen, &stored.document, stored.owner.as_deref());
        self.origin = Origin::Stored(Box::new(stored));
        self.issue_token(longest);
        self.settle(changes, seen);
        true
    }

    /// The record is gone, because nothing was left in it at `seen`. `false` if a handler
    /// destroyed the session since.
    pub(crate) fn emptied(&mut self, seen: &Marks) -> bool {
        self.instruction = TokenInstruction::Remove;
        if self.marks.destroys != seen.destroys {
            self.ending = None;
            return false;
        }
        let changes = self.changes_since(seen, &Document::default(), None);
        self.origin = Origin::None;
        self.settle(changes, seen);
        self.rotation = None;
        self.read_own();
        true
    }

    /// The client is to hold the token of what is stored now.
    fn issue_token(&mut self, longest: Ttl) {
        if let Some(stored) = self.stored() {
            self.instruction = TokenInstruction::Set(Token {
                id: stored.id.clone(),
                longest: longest.into(),
                persistent: self.own.persistent,
            });
        }
    }

    fn settle(&mut self, changes: Changes, seen: &Marks) {
        self.changes = changes;
        self.eager = false;
        if self.marks.rotations != seen.rotations {
            // Also one that was asked for before there was a record.
            self.rotation.get_or_insert(Rotation::KeepingAge);
        } else {
            self.rotation = None;
            self.next_id = None;
        }
    }

    /// What handlers did since `seen`, given what is stored now.
    fn changes_since(&self, seen: &Marks, document: &Document, owner: Option<&str>) -> Changes {
        let mut changes = Changes::default();
        if self.marks.changes == seen.changes {
            return changes;
        }
        if self.marks.clears == seen.clears {
            let name = |key: &[u8]| Cow::Owned(String::from_utf8_lossy(key).into_owned());
            for (key, value) in self.all_entries() {
                if document.get(key) != Some(value) {
                    changes.put(name(key), Some(value.to_vec()));
                }
            }
            for (key, _) in document.iter() {
                if self.value(key).is_none() {
                    changes.put(name(key), None);
                }
            }
        } else {
            // All that is pending was put after the clear.
            changes = self.changes.clone();
            changes.cleared = document.len() > 0;
        }
        let wanted = self.owner();
        changes.owner = (wanted.as_deref() != owner).then_some(wanted);
        changes
    }
}
