use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    SessionError,
    state::{Origin, Rotation, State},
};
use crate::{Lifetime, ServerSideBackend, SessionId, StoreKey, Timestamp};

/// What a handler holds of its visitor's session.
///
/// A cheap handle: clones share one state, loaded once per request. Reading and changing it are
/// plain calls that cost no store operation; the changes are stored once, after the handler, or
/// where [`save`](Self::save) or [`update`](Self::update) says so. Several requests of one visitor
/// may run at once: each stores what it changed, key by key, by compare and swap, so that none
/// loses another's change; and what one of them ends, the others do not revive.
///
/// ```
/// use session_core::{Key, ServerSideBackend};
/// # use std::sync::Arc;
/// # async fn example(backend: ServerSideBackend) -> Result<(), session_core::SessionError> {
/// const CART: Key<Vec<u32>> = Key::new("cart");
///
/// let session = backend.load(None).await?;
/// session.insert(CART, &vec![7, 9])?;
/// session.insert("name", "Ada")?;
/// assert_eq!(session.get(CART)?, Some(vec![7, 9]));
/// assert_eq!(session.get::<String>("name")?.as_deref(), Some("Ada"));
/// assert!(session.is_new() && session.is_modified());
/// let instruction = backend.store(&session).await?;
/// # let _ = instruction; Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) backend: ServerSideBackend,
    state: Mutex<State>,
    /// One commit of this session at a time; never held while a handler runs.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic inside a critical section leaves the state whole: each changes one thing.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    pub(crate) fn new(backend: ServerSideBackend, state: State) -> Self {
        Self {
            shared: Arc::new(Shared {
                backend,
                state: Mutex::new(state),
                turn: tokio::sync::Mutex::new(()),
            }),
        }
    }

    /// Whether this request began without a stored session, or destroyed it.
    pub fn is_new(&self) -> bool {
        self.state().is_new
    }

    /// Whether there is anything to store that is not stored yet.
    pub fn is_modified(&self) -> bool {
        self.state().is_modified()
    }

    /// Whether the session was found to have ended since this request loaded it: by a logout, an
    /// ID rotation, or its expiry. Nothing done to it is stored any more.
    pub fn has_ended(&self) -> bool {
        matches!(self.state().origin, Origin::Ended)
    }

    /// The ID that the client holds once it has this request's response. Made now if the session
    /// needs a new one. Secret: for the client only.
    ///
    /// # Errors
    /// [`SessionError::Id`] if there are no random bytes for a new one.
    pub fn id(&self) -> Result<SessionId, SessionError> {
        let mut state = self.state();
        if let (Some(stored), None) = (state.stored(), state.rotation) {
            return Ok(stored.id.clone());
        }
        state.next_id(|| Ok(self.shared.backend.generate_session_id()?))
    }

    /// Gives the session a new ID when it is stored, and keeps its data. Call it wherever the
    /// visitor gains or gives up a privilege (OWASP ASVS 7.2.4): the old ID is dead at once.
    ///
    /// Storing it takes a millisecond longer than other changes: a client that has closed the
    /// connection by then keeps its session under the old ID.
    ///
    /// The session stays as old as it was; see
    /// [`restart_absolute_timeout`](Self::restart_absolute_timeout).
    pub fn cycle_id(&self) {
        self.rotate(Rotation::KeepingAge);
    }

    /// Gives the session a new ID, as [`cycle_id`](Self::cycle_id) does, and begins its absolute
    /// timeout anew: for a visitor who has just signed in, and who should not be signed out because
    /// of the time that they looked around before.
    pub fn restart_absolute_timeout(&self) {
        self.rotate(Rotation::BeginningAnew);
    }

    fn rotate(&self, rotation: Rotation) {
        self.state().rotate(rotation);
    }

    /// Ends the session: its record is deleted and the client's token removed, also if the request
    /// then fails with a server error. What is written afterwards goes into a fresh session with a
    /// new ID. Follow it with [`save`](Self::save) to end it here and now, and to learn of the rare
    /// case that it was not there to be ended any more: [`SessionError::Ended`] says that another
    /// request ended it, or gave it a new ID under which it may live on.
    pub fn destroy(&self) {
        let mut state = self.state();
        state.marks.destroys += 1;
        let key = match &state.origin {
            Origin::Stored(stored) => Some(stored.key),
            Origin::Unusable(key) => Some(*key),
            Origin::None => None,
            // Nothing to delete, nothing to begin anew.
            Origin::Ended => return,
            Origin::Outage => return state.change_unseen(),
        };
        state.ending = state.ending.or(key);
        state.origin = Origin::None;
        state.is_new = true;
        state.drop_changes();
    }

    /// Whose session it is.
    pub fn owner(&self) -> Option<Arc<str>> {
        self.state().owner()
    }

    /// Says whose session it is, so that all sessions of that owner can be found and ended. A
    /// session with an owner is stored even if it is empty. To sign a user in, see
    /// [`sign_in`](Self::sign_in).
    pub fn set_owner(&self, owner: Option<&str>) {
        self.state().set_owner(owner);
    }

    /// Gives this session a lifetime of its own, or the backend's again ("remember me").
    pub fn set_lifetime(&self, lifetime: Option<Lifetime>) {
        let mut state = self.state();
        let mut own = state.own.clone();
        own.lifetime = lifetime;
        state.write_own(own);
    }

    /// Says whether this session's cookie outlives the browser; `None` leaves it to the cookie's
    /// settings.
    pub fn set_persistent(&self, persistent: Option<bool>) {
        let mut state = self.state();
        let mut own = state.own.clone();
        own.persistent = persistent;
        state.write_own(own);
    }

    /// The time that is left before the store forgets it, as last loaded or stored; `None` if it
    /// is not stored.
    pub fn expires_in(&self) -> Option<Duration> {
        self.state().stored().map(|stored| stored.expires_in())
    }

    /// When it was first stored; `None` if it is not stored.
    pub fn created_at(&self) -> Option<Timestamp> {
        self.state().stored().map(|stored| stored.created_at)
    }

    /// What the store knows it by, as last loaded or stored.
    pub(crate) fn stored_key(&self) -> Option<StoreKey> {
        self.state().stored().map(|stored| stored.key)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl fmt::Debug for Session {
    /// Shows nothing that the session holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Session")
            .field("is_new", &state.is_new)
            .field("is_modified", &state.is_modified())
            .finish_non_exhaustive()
    }
}
