use session_core::{ServerSideBackend, Session, SessionError};

use super::{Fault, SpyStore, Visitor};

/// A run of an update.
pub(crate) fn increment(session: &Session) -> Result<i32, SessionError> {
    let n = session.get::<i32>("n")?.unwrap_or(0) + 1;
    session.insert("n", &n)?;
    Ok(n)
}

/// Another request of the visitor increments just before the next write.
pub(crate) fn interfere(store: &SpyStore, backend: &ServerSideBackend, visitor: &Visitor) {
    let (backend, token) = (backend.clone(), visitor.token.clone());
    let hook = async move {
        let session = backend.load(Some(token.as_bytes())).await.unwrap();
        session.update(increment).await.unwrap();
    };
    store.next("set", Fault::before(hook));
}
