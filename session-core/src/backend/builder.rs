use std::{fmt, sync::Arc, time::Duration};

use super::{
    ConfigError, Creation, Emptied, Lifetime, OnServerError, Outage, Renew, ServerSideBackend,
    Undecodable, server_side::Settings,
};
#[cfg(feature = "encryption")]
use crate::Encryption;
use crate::{Format, IdLength, IdSource, OsIdSource, Store, session::Rules};

/// Configures a [`ServerSideBackend`]. What cannot work is an error of [`build`](Self::build).
#[must_use]
pub struct ServerSideBackendBuilder {
    store: Arc<dyn Store>,
    id_bytes: usize,
    id_source: Arc<dyn IdSource>,
    format: Format,
    idle: Option<Duration>,
    absolute: Option<Duration>,
    renew: Renew,
    creation: Creation,
    emptied: Emptied,
    on_server_error: OnServerError,
    undecodable: Undecodable,
    outage: Outage,
    store_timeout: Duration,
    max_bytes: usize,
    conflict_retries: u32,
    #[cfg(feature = "encryption")]
    encryption: Option<Encryption>,
}

impl ServerSideBackendBuilder {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let lifetime = Lifetime::default();
        Self {
            store,
            id_bytes: IdLength::default().get(),
            id_source: Arc::new(OsIdSource),
            format: Format::default(),
            idle: lifetime.idle(),
            absolute: lifetime.absolute(),
            renew: Renew::default(),
            creation: Creation::default(),
            emptied: Emptied::default(),
            on_server_error: OnServerError::default(),
            undecodable: Undecodable::default(),
            outage: Outage::default(),
            store_timeout: Duration::from_secs(2),
            max_bytes: 4 * 1024 * 1024,
            conflict_retries: 100,
            #[cfg(feature = "encryption")]
            encryption: None,
        }
    }

    /// How many random bytes a session ID has: 16 to 128. Default: 32, which makes 43 characters.
    /// Changing it ends all sessions, since their IDs are no longer well-formed.
    pub fn session_id_bytes(mut self, bytes: usize) -> Self {
        self.id_bytes = bytes;
        self
    }

    /// Where the random bytes come from. Default: the operating system ([`OsIdSource`]).
    pub fn id_source(mut self, source: impl IdSource) -> Self {
        self.id_source = Arc::new(source);
        self
    }

    /// The form of the stored data. Default: MessagePack. Both are read, whichever is set.
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// How long a session lives without being used: 1 ms to 400 days, `None` for no such limit.
    /// Default: one day.
    pub fn idle_timeout(mut self, idle: impl Into<Option<Duration>>) -> Self {
        self.idle = idle.into();
        self
    }

    /// How long a session lives in all: 1 ms to 400 days, `None` for no such limit. A change of
    /// its ID does not begin it anew. Default: 30 days.
    pub fn absolute_timeout(mut self, absolute: impl Into<Option<Duration>>) -> Self {
        self.absolute = absolute.into();
        self
    }

    /// When a request that only reads renews the idle timeout. Default: throttled.
    pub fn renew(mut self, renew: Renew) -> Self {
        self.renew = renew;
        self
    }

    /// When a new session is stored. Default: with its first value.
    pub fn creation(mut self, creation: Creation) -> Self {
        self.creation = creation;
        self
    }

    /// What becomes of a session without values. Default: it is deleted.
    pub fn emptied(mut self, emptied: Emptied) -> Self {
        self.emptied = emptied;
        self
    }

    /// What becomes of the changes of a request that fails with 5xx. Default: dropped.
    pub fn on_server_error(mut self, on_server_error: OnServerError) -> Self {
        self.on_server_error = on_server_error;
        self
    }

    /// What an unreadable record is taken for. Default: absent.
    pub fn undecodable(mut self, undecodable: Undecodable) -> Self {
        self.undecodable = undecodable;
        self
    }

    /// What a request gets while the store is down. Default: its error (503).
    pub fn outage(mut self, outage: Outage) -> Self {
        self.outage = outage;
        self
    }

    /// How long the store may take for one operation. Default: 2 s. Zero allows only answers that
    /// are there at once.
    pub fn store_timeout(mut self, timeout: Duration) -> Self {
        self.store_timeout = timeout;
        self
    }

    /// The most bytes that a session's values may take together, encoded: 1 to 2 GiB - 1. Larger
    /// ones are not written, and not read. Default: 4 MiB.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How often a commit that met another request's change tries again, after a random pause of
    /// up to 32 ms, before it gives up with a conflict. Default: 100.
    pub fn conflict_retries(mut self, retries: u32) -> Self {
        self.conflict_retries = retries;
        self
    }

    /// Encrypts what is stored. Default: not encrypted.
    #[cfg(feature = "encryption")]
    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.encryption = Some(encryption);
        self
    }

    /// The backend.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting that cannot work.
    pub fn build(self) -> Result<ServerSideBackend, ConfigError> {
        let id_length =
            IdLength::new(self.id_bytes).ok_or(ConfigError::SessionIdBytes(self.id_bytes))?;
        if self.max_bytes == 0 || i32::try_from(self.max_bytes).is_err() {
            return Err(ConfigError::MaxBytes(self.max_bytes));
        }
        Ok(ServerSideBackend::from_settings(Settings {
            store: self.store,
            id_length,
            id_source: self.id_source,
            format: self.format,
            rules: Rules {
                lifetime: Lifetime::new(self.idle, self.absolute)?,
                renew: self.renew,
                creation: self.creation,
                emptied: self.emptied,
            },
            on_server_error: self.on_server_error,
            undecodable: self.undecodable,
            outage: self.outage,
            store_timeout: self.store_timeout,
            max_bytes: self.max_bytes,
            conflict_retries: self.conflict_retries,
            #[cfg(feature = "encryption")]
            encryption: self.encryption,
        }))
    }
}

impl fmt::Debug for ServerSideBackendBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSideBackendBuilder")
            .field("session_id_bytes", &self.id_bytes)
            .field("idle_timeout", &self.idle)
            .field("absolute_timeout", &self.absolute)
            .finish_non_exhaustive()
    }
}
