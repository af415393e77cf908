use std::{fmt, ops::Deref, sync::Arc};

/// The store that a law is held against: one shared handle that a law clones into its tasks.
///
/// It dereferences to the store and is none itself, so a law calls the store and no wrapper.
pub struct Tested<S: ?Sized>(Arc<S>);

impl<S: ?Sized> Tested<S> {
    /// Puts this store to the test.
    pub const fn new(store: Arc<S>) -> Self {
        Self(store)
    }
}

impl<S: ?Sized> Deref for Tested<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S: ?Sized> Clone for Tested<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: ?Sized> fmt::Debug for Tested<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tested")
    }
}
