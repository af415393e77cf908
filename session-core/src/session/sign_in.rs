use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use super::{
    Rotation, Session,
    lifetime::{Own, Signed},
};
use crate::Lifetime;

/// The most characters that are kept of a user agent or an address.
const LONGEST: usize = 256;

/// How a user is signed in: what [`Session::sign_in`] is given.
///
/// ```
/// use session_core::{Lifetime, Session, SignIn};
/// use std::time::Duration;
///
/// # fn example(session: Session) -> Result<(), Box<dyn std::error::Error>> {
/// let month = Lifetime::new(None, Some(Duration::from_secs(30 * 86_400)))?;
/// session.sign_in("ada", SignIn::new().remember(month).user_agent("Firefox"));
/// assert_eq!(session.owner().as_deref(), Some("ada"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct SignIn {
    forgets_data: bool,
    lifetime: Option<Lifetime>,
    persistent: Option<bool>,
    auth_hash: Option<Vec<u8>>,
    agent: Option<String>,
    address: Option<String>,
}

impl SignIn {
    /// The defaults: what the session holds stays, the backend's lifetime, the cookie's persistence, nothing
    /// known of the device.
    pub fn new() -> Self {
        Self::default()
    }

    /// Drops what the visitor's session held before, such as a cart. Default: it stays.
    pub fn forget_data(mut self) -> Self {
        self.forgets_data = true;
        self
    }

    /// Remembers the user: this lifetime, and a cookie that outlives the browser. Default: the backend's
    /// lifetime.
    pub fn remember(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = Some(lifetime);
        self.persistent = Some(true);
        self
    }

    /// Whether the cookie outlives the browser. Default: as the cookie's settings say.
    pub fn persistent(mut self, persistent: bool) -> Self {
        self.persistent = Some(persistent);
        self
    }

    /// Something that changes when all sessions of the user shall end, such as their password's hash: see
    /// [`Session::is_signed_in_with`]. A digest of it is kept, never itself.
    pub fn auth_hash(mut self, hash: impl Into<Vec<u8>>) -> Self {
        self.auth_hash = Some(hash.into());
        self
    }

    /// What the user's browser says that it is, for a list of their devices: its first 256 characters.
    /// Default: not kept.
    pub fn user_agent(mut self, agent: impl Into<String>) -> Self {
        self.agent = Some(shortened(agent.into()));
        self
    }

    /// Where the user signs in from, for a list of their devices. Default: not kept.
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(shortened(address.into()));
        self
    }
}

impl Session {
    /// Signs a user in: a new ID, whose absolute timeout begins now, and the user as its owner. All at once,
    /// when the session is stored: no other ID is ever this user's. One who is signed in already is signed in
    /// anew, under another ID too.
    ///
    /// A user is named by a text that never changes, such as a number in a database. If it has an
    /// [`auth_hash`](SignIn::auth_hash), see that each request asks
    /// [`is_signed_in_with`](Self::is_signed_in_with).
    pub fn sign_in(&self, owner: &str, how: SignIn) {
        let mut handle = [0; 12];
        rand::rng().fill_bytes(&mut handle);
        let mut state = self.state();
        if how.forgets_data {
            state.clear();
        }
        state.rotate(Rotation::BeginningAnew);
        state.set_owner(Some(owner));
        let auth = how.auth_hash.map(|hash| digest(owner, &hash));
        state.write_own(Own {
            lifetime: how.lifetime,
            persistent: how.persistent,
            signed: Some(Box::new(Signed {
                handle: URL_SAFE_NO_PAD.encode(handle),
                auth,
                agent: how.agent,
                address: how.address,
            })),
        });
    }

    /// Whether its owner signed in with this [`auth_hash`](SignIn::auth_hash): not if another one was given
    /// then, or none, or nobody is signed in.
    pub fn is_signed_in_with(&self, hash: &[u8]) -> bool {
        let state = self.state();
        let signed = state.own.signed.as_deref();
        match (
            signed.and_then(|signed| signed.auth.as_deref()),
            state.owner(),
        ) {
            (Some(auth), Some(owner)) => auth == digest(&owner, hash),
            _ => false,
        }
    }
}

/// Of the owner too, so that two with one password have nothing in common. Half of it is enough: nobody can
/// try hashes against it but who can read the store.
fn digest(owner: &str, hash: &[u8]) -> String {
    let mut digest = Sha256::new();
    digest.update(owner.len().to_be_bytes());
    digest.update(owner);
    digest.update(hash);
    let digest: [u8; 32] = digest.finalize().into();
    let half = digest.first_chunk::<16>();
    half.map_or_else(String::new, |half| URL_SAFE_NO_PAD.encode(half))
}

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
    }
    text
}

impl std::fmt::Debug for SignIn {
    /// Shows no hash, and nothing of the device.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn")
            .field("forgets_data", &self.forgets_data)
            .field("lifetime", &self.lifetime)
            .field("persistent", &self.persistent)
            .finish_non_exhaustive()
    }
}
