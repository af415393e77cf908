use serde::{Deserialize, Serialize};

use crate::Lifetime;

/// The key under which a session keeps what it needs for itself, beside the application's own.
///
/// Its value is a map: `idle` and `absolute` in milliseconds (together: this session's own
/// lifetime), `persistent` (whether its cookie outlives the browser). It is there only if a
/// handler asked for one of these.
pub const RESERVED_KEY: &str = "_session";

/// What one session has of its own instead of the backend's settings.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Own {
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) lifetime: Option<Lifetime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) persistent: Option<bool>,
}
