use std::{future::Future, pin::Pin, time::Duration};

use session_core::StoreErrorKind;

/// What becomes of one call of a store.
pub(crate) enum Fault {
    /// It fails, and does nothing.
    Fail(StoreErrorKind),
    /// It does what it should, and fails then: an answer that got lost.
    LoseAnswer(StoreErrorKind),
    /// It never answers.
    Hang,
    /// It takes its time.
    Delay(Duration),
    /// Something else happens just before it.
    Before(Hook),
    /// Something else happens after it, before its answer arrives.
    After(Hook),
}

pub(crate) type Hook = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Fault {
    pub(crate) fn before(hook: impl Future<Output = ()> + Send + 'static) -> Self {
        Self::Before(Box::pin(hook))
    }

    pub(crate) fn after(hook: impl Future<Output = ()> + Send + 'static) -> Self {
        Self::After(Box::pin(hook))
    }
}
