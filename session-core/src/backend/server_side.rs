use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    Counters, OnServerError, Outage, ServerSideBackendBuilder, Undecodable,
    counters::{AtomicCounters, count},
};
#[cfg(feature = "encryption")]
use crate::Encryption;
use crate::{
    Format, IdError, IdLength, IdSource, Lifetime, NewRecord, Operation, Precondition, Session,
    SessionError, SessionId, SetOutcome, Store, StoreError, StoreErrorKind, StoreKey, Ttl,
    session::{Origin, Rules, State},
    timeout::within,
};

/// Sessions whose data stays on the server, in a [`Store`], while the client holds a random ID.
///
/// A cheap handle over one configuration; make it once and clone it. Web frameworks use
/// [`load`](Self::load) and [`store`](Self::store) (the crate `session-http` does that for tower
/// and axum). [`get`](Self::get), [`set`](Self::set) and [`delete`](Self::delete) work on the
/// stored bytes of one ID.
///
/// ```
/// use session_core::{ServerSideBackend, TokenInstruction};
/// # use session_core::{async_trait, *};
/// # struct Nothing;
/// # #[async_trait] impl Store for Nothing {
/// # async fn get(&self, _: &StoreKey) -> Result<Option<Record>, StoreError> { Ok(None) }
/// # async fn set(&self, _: &StoreKey, _: &NewRecord<'_>, _: Ttl, _: Precondition)
/// # -> Result<SetOutcome, StoreError> { Ok(SetOutcome::Stored(Version::unique())) }
/// # async fn delete(&self, _: &StoreKey) -> Result<bool, StoreError> { Ok(false) }
/// # async fn expire(&self, _: &StoreKey, _: Ttl) -> Result<bool, StoreError> { Ok(false) }
/// # }
/// # let store = Nothing;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # runtime.block_on(async {
/// let backend = ServerSideBackend::builder(store).session_id_bytes(48).build()?;
///
/// let session = backend.load(None).await?; // the token of the request, if it has one
/// session.insert("visits", &1)?;
/// match backend.store(&session).await? {
///     TokenInstruction::Set(token) => assert_eq!(token.text().len(), 64),
///     other => panic!("a new session needs a token: {other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct ServerSideBackend {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) settings: Settings,
    pub(super) counters: AtomicCounters,
}

pub(super) struct Settings {
    pub(super) store: Arc<dyn Store>,
    pub(super) id_length: IdLength,
    pub(super) id_source: Arc<dyn IdSource>,
    pub(super) format: Format,
    pub(super) rules: Rules,
    pub(super) on_server_error: OnServerError,
    pub(super) undecodable: Undecodable,
    pub(super) outage: Outage,
    pub(super) store_timeout: Duration,
    pub(super) max_bytes: usize,
    pub(super) conflict_retries: u32,
    #[cfg(feature = "encryption")]
    pub(super) encryption: Option<Encryption>,
}

impl ServerSideBackend {
    /// Configures a backend over this store. For one that is shared already, see
    /// [`builder_shared`](Self::builder_shared).
    pub fn builder(store: impl Store) -> ServerSideBackendBuilder {
        Self::builder_shared(Arc::new(store))
    }

    /// Configures a backend over a shared store, for instance one that was picked at run time.
    pub fn builder_shared(store: Arc<dyn Store>) -> ServerSideBackendBuilder {
        ServerSideBackendBuilder::new(store)
    }

    pub(super) fn from_settings(settings: Settings) -> Self {
        Self {
            inner: Arc::new(Inner {
                settings,
                counters: AtomicCounters::default(),
            }),
        }
    }

    /// A new random session ID of the configured length.
    ///
    /// # Errors
    /// [`IdError`] if the source of IDs fails.
    pub fn generate_session_id(&self) -> Result<SessionId, IdError> {
        let settings = self.settings();
        SessionId::generate(settings.id_length, &*settings.id_source)
    }

    /// Whether this untrusted text has the form of a session ID; the store is not asked.
    pub fn is_well_formed(&self, token: &[u8]) -> bool {
        SessionId::parse(token, self.settings().id_length).is_some()
    }

    /// The stored bytes of this ID: the encoded map, decrypted. `None` if there are none.
    ///
    /// # Errors
    /// Those of the store; `Corrupt` if they do not decrypt.
    pub async fn get(&self, id: &SessionId) -> Result<Option<Bytes>, StoreError> {
        let key = id.store_key();
        match self.fetch(&key).await? {
            Some(record) => match self.open(&key, record.data) {
                Some(data) => Ok(Some(data)),
                None => Err(StoreError::new(StoreErrorKind::Corrupt, Operation::Get)),
            },
            None => Ok(None),
        }
    }

    /// Stores these bytes under this ID: replaces what there is, its owner included, and resets its
    /// expiry.
    ///
    /// # Errors
    /// [`SessionError::TooLarge`], [`SessionError::Store`], [`SessionError::Id`].
    pub async fn set(&self, id: &SessionId, data: &[u8]) -> Result<(), SessionError> {
        let key = id.store_key();
        let lifetime = self.settings().rules.lifetime;
        let ttl = lifetime.ttl(Duration::ZERO).unwrap_or(Ttl::MIN);
        let data = self.seal(&key, data.into())?;
        let record = NewRecord::new(&data);
        let outcome = self
            .call(
                Operation::Set,
                self.store_ref().set(&key, &record, ttl, Precondition::Any),
            )
            .await?;
        match outcome {
            SetOutcome::Stored(_) => Ok(()),
            // The contract knows no other answer to `Any`.
            SetOutcome::Conflict | SetOutcome::Missing => {
                Err(StoreError::new(StoreErrorKind::Other, Operation::Set).into())
            }
        }
    }

    /// Deletes what is stored under this ID; whether there was anything. A second call is
    /// `Ok(false)`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn delete(&self, id: &SessionId) -> Result<bool, StoreError> {
        self.delete_key(&id.store_key()).await
    }

    pub(crate) async fn delete_key(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.call(Operation::Delete, self.store_ref().delete(key))
            .await
    }

    /// The session of a request, by the token that it carries: untrusted bytes. One `get` for a
    /// well-formed token, none for any other. An ID that the store does not know is never adopted.
    ///
    /// # Errors
    /// Those of the store, unless the [`Outage`] policy says otherwise.
    pub async fn load(&self, token: Option<&[u8]>) -> Result<Session, StoreError> {
        let settings = self.settings();
        let origin = match token {
            None => Origin::None,
            Some(text) => match SessionId::parse(text, settings.id_length) {
                Some(id) => match self.origin(&id).await {
                    Ok(origin) => origin,
                    Err(error)
                        if settings.outage == Outage::AnonymousReadOnly
                            && error.kind() != StoreErrorKind::Corrupt =>
                    {
                        tracing::error!(%error, "session not loaded, going on read-only");
                        Origin::Outage
                    }
                    Err(error) => return Err(error),
                },
                None => {
                    count(&self.inner.counters.malformed);
                    Origin::None
                }
            },
        };
        let mut state = State::new(settings.format, origin);
        if state.is_over(settings.rules.lifetime) {
            // The timeout was shortened, or the store's clock was set back.
            let key = state.stored().map(|stored| stored.key);
            state = State::new(settings.format, key.map_or(Origin::None, Origin::Unusable));
        }
        state.eager = true;
        Ok(Session::new(self.clone(), state))
    }

    /// How long a session lives that asks for nothing else.
    pub fn lifetime(&self) -> Lifetime {
        self.settings().rules.lifetime
    }

    /// What has happened since this backend was built.
    pub fn counters(&self) -> Counters {
        self.inner.counters.read()
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(super) fn store_ref(&self) -> &dyn Store {
        &*self.inner.settings.store
    }

    pub(super) fn is_corrupt_allowed(&self) -> bool {
        self.settings().undecodable == Undecodable::Absent
    }

    /// One store operation, within the time it may take.
    pub(super) async fn call<T>(
        &self,
        operation: Operation,
        answer: impl Future<Output = Result<T, StoreError>> + Unpin,
    ) -> Result<T, StoreError> {
        let answer = within(self.settings().store_timeout, operation, answer).await;
        if answer.is_err() {
            count(&self.inner.counters.store_errors);
        }
        answer
    }
}

impl fmt::Debug for ServerSideBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = self.settings();
        f.debug_struct("ServerSideBackend")
            .field("session_id_bytes", &settings.id_length.get())
            .field("format", &settings.format)
            .field("lifetime", &settings.rules.lifetime)
            .finish_non_exhaustive()
    }
}
