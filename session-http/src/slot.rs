use std::{
    fmt,
    marker::PhantomData,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use http::{Extensions, HeaderMap};
use session_core::{Session as CoreSession, StoreError};

use crate::SessionManager;

/// The application's only session, or its main one, where no other type is named.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "it only tells types apart")]
pub enum Main {}

/// A request's place for its session, in the request's extensions: empty until someone asks.
///
/// Extractors use it; middleware and services that are not axum's can use it as well.
///
/// ```
/// use session_http::{Main, Slot};
/// # async fn example<B>(request: http::Request<B>) -> Result<(), session_core::StoreError> {
/// if let Some(slot) = Slot::<Main>::of(request.extensions()) {
///     let session = slot.load(request.headers()).await?;
///     assert!(session.is_new());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Slot<M = Main> {
    inner: Arc<Inner>,
    which: PhantomData<fn() -> M>,
}

struct Inner {
    manager: SessionManager,
    session: OnceLock<CoreSession>,
    /// Set once someone asks, whether or not the store answers.
    asked: AtomicBool,
}

impl<M: 'static> Slot<M> {
    /// An empty one, for the extensions of one request. The tower layer makes it; so does whoever
    /// wires another framework.
    pub fn new(manager: SessionManager) -> Self {
        Self {
            inner: Arc::new(Inner {
                manager,
                session: OnceLock::new(),
                asked: AtomicBool::new(false),
            }),
            which: PhantomData,
        }
    }

    /// The slot of this request; `None` if no layer of this session saw it, or it is excluded.
    pub fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<Self>().cloned()
    }

    /// The session of the request with these headers. Loaded once for each request, however often
    /// it is asked for.
    ///
    /// # Errors
    /// Those of [`SessionManager::load`].
    pub async fn load(&self, request: &HeaderMap) -> Result<CoreSession, StoreError> {
        if let Some(session) = self.inner.session.get() {
            return Ok(session.clone());
        }
        self.inner.asked.store(true, Ordering::Relaxed);
        let session = self.inner.manager.load(request).await?;
        // Another task of the same request may have been quicker; all share what came first.
        Ok(self.inner.session.get_or_init(|| session).clone())
    }

    #[cfg(feature = "tower")]
    pub(crate) fn was_asked(&self) -> bool {
        self.inner.asked.load(Ordering::Relaxed)
    }

    #[cfg(feature = "tower")]
    pub(crate) fn loaded(&self) -> Option<&CoreSession> {
        self.inner.session.get()
    }

    #[cfg(feature = "tower")]
    pub(crate) fn manager(&self) -> &SessionManager {
        &self.inner.manager
    }
}

impl<M> Clone for Slot<M> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            which: PhantomData,
        }
    }
}

impl<M> fmt::Debug for Slot<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("loaded", &self.inner.session.get().is_some())
            .finish_non_exhaustive()
    }
}
