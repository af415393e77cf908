use serde::{Deserialize, Serialize};

use crate::Lifetime;

/// The key under which a session keeps what it needs for itself, beside the application's own.
///
/// Its value is a map: `idle` and `absolute` in milliseconds (together: this session's own
/// lifetime), `persistent` (whether its cookie outlives the browser), and of a sign-in `handle`, `auth`,
/// `agent` and `address` (see [`SignIn`](crate::SignIn)). It is there only if a handler asked for one of
/// these.
pub const RESERVED_KEY: &str = "_session";

/// What one session has of its own instead of the backend's settings.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Own {
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) lifetime: Option<Lifetime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) persistent: Option<bool>,
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub(crate) signed: Option<Box<Signed>>,
}

/// What is known of a sign-in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signed {
    /// What its owner calls it by. Random, and no secret.
    pub(crate) handle: String,
    /// What the user's auth hash was then, as a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) auth: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
}

impl Own {
    /// What the client has to be told of.
    pub(crate) const fn told(&self) -> (Option<Lifetime>, Option<bool>) {
        (self.lifetime, self.persistent)
    }
}
