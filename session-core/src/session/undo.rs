use super::{Changes, Marks, Rotation, State};

/// What was pending at some time: what a run of an update is undone to.
pub(crate) struct Checkpoint {
    changes: Changes,
    rotation: Option<Rotation>,
    marks: Marks,
}

impl State {
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            changes: self.changes.clone(),
            rotation: self.rotation,
            marks: self.marks,
        }
    }

    /// Undoes what happened from `before` to `after`, but for a `destroy`. What handlers did since
    /// stays.
    pub(crate) fn undo(&mut self, mut before: Checkpoint, after: &Checkpoint) {
        if self.marks.destroys != after.marks.destroys {
            // All of it is gone with the session.
            return;
        }
        if before.marks.destroys != after.marks.destroys {
            // So is what was pending before.
            before.changes = Changes::default();
            before.rotation = None;
        }
        if self.marks.rotations == after.marks.rotations {
            self.rotation = before.rotation;
        }
        if self.marks.changes == after.marks.changes {
            self.changes = before.changes;
        } else if self.marks.clears == after.marks.clears {
            self.changes.undo(&before.changes, &after.changes);
        }
        self.read_own();
    }
}

impl Changes {
    /// Takes back whatever is as `after` left it, and was otherwise in `before`.
    fn undo(&mut self, before: &Self, after: &Self) {
        if self.cleared == after.cleared {
            self.cleared = before.cleared;
        }
        if self.owner == after.owner {
            self.owner.clone_from(&before.owner);
        }
        for (key, _) in before.iter().chain(after.iter()) {
            let name = key.as_bytes();
            let was = before.get(name);
            if was != after.get(name) && self.get(name) == after.get(name) {
                match was {
                    Some(value) => self.put(key.to_owned().into(), value.map(<[u8]>::to_vec)),
                    None => self.forget(key),
                }
            }
        }
    }
}
