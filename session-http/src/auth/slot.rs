use std::{
    marker::PhantomData,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::{Extensions, Method, uri::PathAndQuery};

use super::{Anonymous, AuthRejection, Users};

/// A request's place for whoever is signed in, in its extensions.
pub(super) struct AuthSlot<U: Users, M> {
    pub(super) users: Arc<U>,
    pub(super) anonymous: Anonymous,
    /// Where the request went, whatever routers have taken off since.
    pub(super) to: Option<PathAndQuery>,
    found: Arc<Mutex<Found<U::User>>>,
    which: PhantomData<fn() -> M>,
}

/// Who is signed in; `None` until someone asks.
type Found<T> = Option<Option<T>>;

impl<U: Users, M: 'static> AuthSlot<U, M> {
    pub(super) fn new(users: Arc<U>, anonymous: Anonymous, to: Option<PathAndQuery>) -> Self {
        Self {
            users,
            anonymous,
            to,
            found: Arc::default(),
            which: PhantomData,
        }
    }

    pub(super) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<Self>().cloned()
    }

    /// What a request of this method is answered that has no user.
    pub(super) fn refuse(self, method: &Method) -> AuthRejection {
        let to = self.to.filter(|_| method == Method::GET);
        AuthRejection::Anonymous {
            answer: self.anonymous,
            to: to.map(|to| to.to_string()),
        }
    }

    pub(super) fn found(&self) -> MutexGuard<'_, Found<U::User>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<U: Users, M> Clone for AuthSlot<U, M> {
    fn clone(&self) -> Self {
        Self {
            users: Arc::clone(&self.users),
            anonymous: self.anonymous.clone(),
            to: self.to.clone(),
            found: Arc::clone(&self.found),
            which: PhantomData,
        }
    }
}
