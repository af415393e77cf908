use std::{sync::Arc, time::Duration};

use super::{
    SessionError,
    lifetime::{Own, RESERVED_KEY},
    state::{Origin, Rotation, State},
};
use crate::{
    Creation, Emptied, Lifetime, Operation, Renew, SessionId, StoreError, StoreErrorKind, StoreKey,
    Timestamp, Ttl, Version,
};

/// The one store operation that a session's state asks for next.
pub(crate) enum Plan {
    /// The store holds all there is.
    Nothing,
    /// The handler destroyed the session.
    Destroy { key: StoreKey },
    /// Its last value is gone, unless another request put one.
    Empty { key: StoreKey, version: Version },
    /// It has no record yet.
    Create { id: SessionId, write: Write },
    /// It has changed.
    Replace {
        key: StoreKey,
        version: Version,
        write: Write,
    },
    /// Its ID changes.
    Rotate {
        from: RotatedFrom,
        to: SessionId,
        write: Write,
    },
    /// It was only read, and lives on.
    Renew { key: StoreKey, ttl: Ttl },
    /// Its absolute timeout has passed since it was loaded, or was shortened by this request.
    Over { key: StoreKey },
}

/// What an ID is rotated away from.
pub(crate) struct RotatedFrom {
    pub(crate) key: StoreKey,
    pub(crate) version: Version,
    /// When the session began; `None` if it begins anew.
    pub(crate) created_at: Option<Timestamp>,
}

/// What a record shall hold.
pub(crate) struct Write {
    pub(crate) data: Vec<u8>,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) ttl: Ttl,
    /// The longest time that the session can go on if it is used.
    pub(crate) longest: Ttl,
    /// The session asked for another lifetime or cookie than the client knows of.
    pub(crate) own_changed: bool,
}

/// The settings that decide.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) lifetime: Lifetime,
    pub(crate) renew: Renew,
    pub(crate) creation: Creation,
    pub(crate) emptied: Emptied,
}

impl State {
    /// What to do next. `new_id` makes the ID for a record that needs a new one.
    pub(crate) fn plan(
        &mut self,
        rules: Rules,
        new_id: impl FnOnce() -> Result<SessionId, SessionError>,
    ) -> Result<Plan, SessionError> {
        if let Some(key) = self.ending {
            return Ok(Plan::Destroy { key });
        }
        if self.answered && self.drop_what_cannot_be_told() {
            return Err(SessionError::Answered);
        }
        let lifetime = self.own.lifetime.unwrap_or(rules.lifetime);
        match &self.origin {
            Origin::Ended if self.is_modified() => Err(SessionError::Ended),
            Origin::Outage if self.is_modified() => Err(outage().into()),
            Origin::Ended | Origin::Outage => Ok(Plan::Nothing),
            Origin::None | Origin::Unusable(_) => {
                let eager = self.eager && rules.creation == Creation::Eager;
                if self.is_empty() && !eager {
                    return Ok(Plan::Nothing);
                }
                if self.answered {
                    return Err(SessionError::Answered);
                }
                let id = self.next_id(new_id)?;
                let ttl = lifetime.ttl(Duration::ZERO).unwrap_or(Ttl::MIN);
                let write = self.write(ttl, lifetime.longest(Duration::ZERO));
                Ok(Plan::Create { id, write })
            }
            Origin::Stored(stored) => {
                let (key, version) = (stored.key, stored.version);
                let (age, left) = stored.now();
                let (age, created_at) = match self.rotation {
                    Some(Rotation::BeginningAnew) => (Duration::ZERO, None),
                    _ => (age, Some(stored.created_at)),
                };
                let Some(ttl) = lifetime.ttl(age) else {
                    return Ok(Plan::Over { key });
                };
                if !self.is_modified() {
                    return Ok(if rules.renew.is_due(lifetime, ttl, left) {
                        Plan::Renew { key, ttl }
                    } else {
                        Plan::Nothing
                    });
                }
                // A session that is stored although it is empty was meant to be.
                let deletes = rules.emptied == Emptied::Delete && rules.creation == Creation::Lazy;
                if deletes && self.is_empty() {
                    return Ok(Plan::Empty { key, version });
                }
                let longest = lifetime.longest(age);
                if self.rotation.is_none() {
                    let write = self.write(ttl, longest);
                    return Ok(Plan::Replace {
                        key,
                        version,
                        write,
                    });
                }
                let to = self.next_id(new_id)?;
                let write = self.write(ttl, longest);
                let from = RotatedFrom {
                    key,
                    version,
                    created_at,
                };
                Ok(Plan::Rotate { from, to, write })
            }
        }
    }

    /// Takes back what a stored session's client would have to be told of, since no response is left
    /// to tell it; whether there was any. The other changes can be stored then.
    fn drop_what_cannot_be_told(&mut self) -> bool {
        let Some(stored) = self.stored() else {
            return false;
        };
        let own = stored.document.get(RESERVED_KEY.as_bytes());
        let own = own.and_then(|raw| self.format.decode(raw).ok());
        let own: Own = own.unwrap_or_default();
        let dropped = self.rotation.is_some() || self.own.told() != own.told();
        if dropped {
            self.rotation = None;
            self.next_id = None;
            self.write_own(own);
        }
        dropped
    }

    /// Whether the store holds all there is, and no renewal is due.
    pub(crate) fn rests(&self, rules: Rules) -> bool {
        if self.is_modified() {
            return false;
        }
        match &self.origin {
            Origin::Ended | Origin::Outage => true,
            Origin::None | Origin::Unusable(_) => {
                !(self.eager && rules.creation == Creation::Eager)
            }
            Origin::Stored(stored) => {
                let lifetime = self.own.lifetime.unwrap_or(rules.lifetime);
                let (age, left) = stored.now();
                lifetime
                    .ttl(age)
                    .is_some_and(|fresh| !rules.renew.is_due(lifetime, fresh, left))
            }
        }
    }

    /// The ID that the next new record gets.
    pub(crate) fn next_id(
        &mut self,
        new_id: impl FnOnce() -> Result<SessionId, SessionError>,
    ) -> Result<SessionId, SessionError> {
        if let Some(id) = &self.next_id {
            return Ok(id.clone());
        }
        let id = new_id()?;
        self.next_id = Some(id.clone());
        Ok(id)
    }

    fn write(&self, ttl: Ttl, longest: Ttl) -> Write {
        Write {
            data: self.encode(),
            owner: self.owner(),
            ttl,
            longest,
            own_changed: self.changes.get(RESERVED_KEY.as_bytes()).is_some(),
        }
    }
}

/// The error of a change to a session that could not be loaded.
fn outage() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, Operation::Get)
}
