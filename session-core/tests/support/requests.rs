use serde::de::DeserializeOwned;
use session_core::{
    ServerSideBackend, ServerSideBackendBuilder, Session, SessionError, SessionId, StoreError,
    StoreErrorKind, StoreKey, Token, TokenInstruction,
};

use super::{Fault, SpyStore};

/// A backend with default settings.
pub(crate) fn backend(store: &SpyStore) -> ServerSideBackend {
    built(store, |builder| builder)
}

/// A backend with other settings.
pub(crate) fn built(
    store: &SpyStore,
    settings: impl FnOnce(ServerSideBackendBuilder) -> ServerSideBackendBuilder,
) -> ServerSideBackend {
    settings(ServerSideBackend::builder(store.clone()))
        .build()
        .unwrap()
}

/// The session of a request with this token.
pub(crate) async fn load(backend: &ServerSideBackend, token: &str) -> Session {
    backend.load(Some(token.as_bytes())).await.unwrap()
}

/// The value of a key, `None` if there is none.
pub(crate) fn value<T: DeserializeOwned>(session: &Session, key: &str) -> Option<T> {
    session.get(key).unwrap()
}

/// The token that the client is told to hold.
pub(crate) fn set_token(instruction: TokenInstruction) -> Token {
    match instruction {
        TokenInstruction::Set(token) => token,
        other => panic!("a new token, not {other:?}"),
    }
}

/// The client is told nothing.
pub(crate) fn assert_keep(instruction: &TokenInstruction) {
    assert!(
        matches!(instruction, TokenInstruction::Keep),
        "{instruction:?}"
    );
}

/// The client is told to forget its token.
pub(crate) fn assert_remove(instruction: &TokenInstruction) {
    assert!(
        matches!(instruction, TokenInstruction::Remove),
        "{instruction:?}"
    );
}

/// The kind of a store's fault.
pub(crate) fn store_error<T: std::fmt::Debug>(result: Result<T, SessionError>) -> StoreErrorKind {
    match result {
        Err(SessionError::Store(error)) => error.kind(),
        other => panic!("an error of the store, not {other:?}"),
    }
}

/// The fault of a load.
pub(crate) fn lost(loaded: Result<Session, StoreError>) -> StoreErrorKind {
    loaded.map(drop).unwrap_err().kind()
}

/// The client's token has changed; the keys of the session that it holds then, in order.
pub(crate) async fn keys(backend: &ServerSideBackend, told: TokenInstruction) -> Vec<String> {
    let mut keys = load(backend, &set_token(told).text()).await.keys();
    keys.sort();
    keys
}

/// A handler does this to the session between the store's `call` and its answer.
pub(crate) fn during(
    store: &SpyStore,
    call: &'static str,
    session: &Session,
    act: impl FnOnce(Session) + Send + 'static,
) {
    let session = session.clone();
    store.next(call, Fault::after(async move { act(session) }));
}

/// A client with a stored session.
pub(crate) struct Visitor {
    pub(crate) token: String,
    pub(crate) key: StoreKey,
}

impl Visitor {
    /// One whose session holds `n` = 0 and `name` = "Ada". The calls that this took are forgotten.
    pub(crate) async fn new(store: &SpyStore, backend: &ServerSideBackend) -> Self {
        let session = backend.load(None).await.unwrap();
        session.insert("n", &0).unwrap();
        session.insert("name", "Ada").unwrap();
        let visitor = Self::of(backend, &session).await;
        store.calls();
        visitor
    }

    /// The client that a request with this new session makes.
    pub(crate) async fn of(backend: &ServerSideBackend, session: &Session) -> Self {
        let id = session.id().unwrap();
        let told = set_token(backend.store(session).await.unwrap()).text();
        assert_eq!(told, id.to_text());
        Self::holding(&id)
    }

    pub(crate) fn holding(id: &SessionId) -> Self {
        Self {
            token: id.to_text(),
            key: id.store_key(),
        }
    }

    /// Its session in a new request.
    pub(crate) async fn request(&self, backend: &ServerSideBackend) -> Session {
        load(backend, &self.token).await
    }

    /// Its stored session ends: a whole request that logs out.
    pub(crate) async fn log_out(&self, backend: &ServerSideBackend) {
        let session = self.request(backend).await;
        session.destroy();
        assert_remove(&backend.store(&session).await.unwrap());
    }

    /// A whole request that puts one value.
    pub(crate) async fn put(&self, backend: &ServerSideBackend, key: &str, value: i32) {
        let session = self.request(backend).await;
        session.insert(key, &value).unwrap();
        backend.store(&session).await.unwrap();
    }

    /// A value of its session, seen by a new request.
    pub(crate) async fn sees<T: DeserializeOwned>(
        &self,
        backend: &ServerSideBackend,
        key: &str,
    ) -> Option<T> {
        value(&self.request(backend).await, key)
    }
}
