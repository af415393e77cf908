use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::{Lifetime, OwnedRecord, StoreKey, Timestamp, session::Signed};

/// One of a user's sessions, as the user may see it.
#[derive(Clone)]
pub struct Device {
    key: StoreKey,
    handle: String,
    is_current: bool,
    created_at: Timestamp,
    last_seen: Timestamp,
    expires_in: Duration,
    agent: Option<String>,
    address: Option<String>,
}

impl Device {
    pub(super) fn new(
        owned: OwnedRecord,
        signed: Option<Box<Signed>>,
        lifetime: Lifetime,
        is_current: bool,
    ) -> Self {
        let record = owned.record;
        let (handle, agent, address) = match signed {
            Some(signed) => (signed.handle, signed.agent, signed.address),
            None => (handle_of(&owned.key), None, None),
        };
        let unseen = unseen_for(lifetime, record.age, record.expires_in);
        let seen = record.age.saturating_sub(unseen);
        let seen = i64::try_from(seen.as_millis()).unwrap_or(i64::MAX);
        let created_at = record.created_at;
        let last_seen = created_at.as_unix_millis().saturating_add(seen);
        Self {
            key: owned.key,
            handle,
            is_current,
            created_at,
            last_seen: Timestamp::from_unix_millis(last_seen),
            expires_in: record.expires_in,
            agent,
            address,
        }
    }

    /// What its owner ends it by: text of a URL's characters, the same for as long as the sign-in lasts. No
    /// secret, and no session ID.
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// Whether it is the session that asked.
    pub fn is_current(&self) -> bool {
        self.is_current
    }

    /// When the user signed in, by the store's clock.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// When it was used last, as far as its expiry tells: it may have been used since, for as long as a renewal
    /// is put off (a tenth of the idle timeout), and after it came within an idle timeout of its absolute one. Of
    /// a session without an idle timeout only its beginning is known.
    pub fn last_seen(&self) -> Timestamp {
        self.last_seen
    }

    /// The time that is left to it, if it is not used.
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }

    /// What the browser said that it is, if that was kept.
    pub fn user_agent(&self) -> Option<&str> {
        self.agent.as_deref()
    }

    /// Where the user signed in from, if that was kept.
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    pub(super) fn key(&self) -> &StoreKey {
        &self.key
    }
}

/// Of a session that was not signed in but given an owner: until its ID changes.
fn handle_of(key: &StoreKey) -> String {
    let mut digest = Sha256::new();
    digest.update("session handle\0");
    digest.update(key.as_bytes());
    let digest: [u8; 32] = digest.finalize().into();
    let start = digest.first_chunk::<12>();
    start.map_or_else(String::new, |start| URL_SAFE_NO_PAD.encode(start))
}

/// For how long it was not used, at most. The last use gave it the idle timeout, or what was left of the
/// absolute one; then that was no more, and it was used no longer ago than if it had been the idle timeout.
fn unseen_for(lifetime: Lifetime, age: Duration, expires_in: Duration) -> Duration {
    match lifetime.idle() {
        Some(idle) => idle.saturating_sub(expires_in),
        None => age,
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("handle", &self.handle)
            .field("is_current", &self.is_current)
            .field("created_at", &self.created_at)
            .field("last_seen", &self.last_seen)
            .finish_non_exhaustive()
    }
}
