use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ConfigError;
use crate::Ttl;

/// How long a session lives: until it was not used for the idle timeout, until the absolute
/// timeout after its beginning, or whichever comes first.
///
/// Both are enforced by the store; the cookie's age never decides (NIST SP 800-63B §7.1.1).
///
/// ```
/// use session_core::Lifetime;
/// use std::time::Duration;
///
/// let day = Duration::from_secs(86_400);
/// let remembered = Lifetime::new(None, Some(30 * day))?;
/// assert!(Lifetime::new(None, None).is_err());
/// # Ok::<(), session_core::ConfigError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Lifetime {
    idle: Option<Ttl>,
    absolute: Option<Ttl>,
}

impl Lifetime {
    /// An idle timeout, an absolute one, or both: each 1 ms to 400 days.
    ///
    /// # Errors
    /// [`ConfigError`] if neither is given, or one is out of bounds.
    pub fn new(idle: Option<Duration>, absolute: Option<Duration>) -> Result<Self, ConfigError> {
        let ttl = |name, duration: Option<Duration>| {
            duration
                .map(|duration| Ttl::try_from(duration).map_err(|_| ConfigError::Timeout { name }))
                .transpose()
        };
        let idle = ttl("idle timeout", idle)?;
        let absolute = ttl("absolute timeout", absolute)?;
        if idle.is_none() && absolute.is_none() {
            return Err(ConfigError::NoTimeout);
        }
        Ok(Self { idle, absolute })
    }

    /// The idle timeout.
    pub fn idle(self) -> Option<Duration> {
        self.idle.map(Ttl::as_duration)
    }

    /// The absolute timeout.
    pub fn absolute(self) -> Option<Duration> {
        self.absolute.map(Ttl::as_duration)
    }

    /// The longest that a session of this age can go on, however much it is used.
    pub(crate) fn longest(self, age: Duration) -> Ttl {
        match self.absolute {
            Some(absolute) => Ttl::clamped(absolute.as_duration().saturating_sub(age)),
            None => Ttl::MAX,
        }
    }

    /// The time to live of a session of this age that is used now. `None`: it is over.
    pub(crate) fn ttl(self, age: Duration) -> Option<Ttl> {
        let left = match self.absolute {
            Some(absolute) => Some(Ttl::try_from(absolute.as_duration().checked_sub(age)?).ok()?),
            None => None,
        };
        match (self.idle, left) {
            (Some(idle), Some(left)) => Some(idle.min(left)),
            (idle, left) => idle.or(left),
        }
    }
}

impl Default for Lifetime {
    /// One day idle, 30 days in all (the reauthentication time of NIST SP 800-63B, AAL1).
    fn default() -> Self {
        let day = 24 * 60 * 60 * 1000;
        Self {
            idle: Ttl::from_millis(day).ok(),
            absolute: Ttl::from_millis(30 * day).ok(),
        }
    }
}

/// The stored form: milliseconds.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    idle: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    absolute: Option<u64>,
}

impl TryFrom<Stored> for Lifetime {
    type Error = ConfigError;

    fn try_from(stored: Stored) -> Result<Self, ConfigError> {
        Self::new(
            stored.idle.map(Duration::from_millis),
            stored.absolute.map(Duration::from_millis),
        )
    }
}

impl From<Lifetime> for Stored {
    fn from(lifetime: Lifetime) -> Self {
        Self {
            idle: lifetime.idle.map(Ttl::as_millis),
            absolute: lifetime.absolute.map(Ttl::as_millis),
        }
    }
}

/// When a request that only reads a session renews its idle timeout.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum Renew {
    /// Once a tenth of the idle timeout has passed since it was last renewed: a busy session
    /// costs one `expire` in that time, and may end up to a tenth early. The default.
    #[default]
    Throttled,
    /// Once this time has passed since it was last renewed.
    After(Duration),
    /// On each request that loads the session: one `expire` more for each.
    EveryRequest,
    /// Only a write renews it.
    Never,
}

impl Renew {
    /// Whether a session that would live for `fresh` if renewed, and has `left`, is renewed now.
    pub(crate) fn is_due(self, lifetime: Lifetime, fresh: Ttl, left: Duration) -> bool {
        let Some(idle) = lifetime.idle() else {
            return false;
        };
        let interval = match self {
            Self::Throttled => idle / 10,
            Self::After(interval) => interval,
            Self::EveryRequest => Duration::ZERO,
            Self::Never => return false,
        };
        // Either way: a timeout that was shortened since reaches the sessions that are there.
        fresh.as_duration().abs_diff(left) >= interval.max(Duration::from_millis(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn the_nearer_timeout_decides() {
        let both = Lifetime::new(Some(secs(10)), Some(secs(60))).unwrap();
        assert_eq!(both.ttl(secs(0)), Ttl::from_secs(10).ok());
        assert_eq!(both.ttl(secs(55)), Ttl::from_secs(5).ok());
        assert_eq!(both.ttl(secs(60)), None);
        assert_eq!(both.ttl(secs(600)), None);
    }

    #[test]
    fn renewal_is_due_once_the_interval_has_passed() {
        let idle = Lifetime::new(Some(secs(100)), None).unwrap();
        let fresh = idle.ttl(secs(0)).unwrap();
        assert!(!Renew::Throttled.is_due(idle, fresh, secs(91)));
        assert!(Renew::Throttled.is_due(idle, fresh, secs(90)));
        assert!(Renew::EveryRequest.is_due(idle, fresh, Duration::from_millis(99_999)));
        assert!(!Renew::EveryRequest.is_due(idle, fresh, secs(100)));
        assert!(!Renew::Never.is_due(idle, fresh, secs(1)));
    }

    #[test]
    fn a_shortened_timeout_reaches_a_session_that_is_only_read() {
        let idle = Lifetime::new(Some(secs(100)), None).unwrap();
        let fresh = idle.ttl(secs(0)).unwrap();
        assert!(Renew::Throttled.is_due(idle, fresh, secs(3000)));
        assert!(!Renew::Never.is_due(idle, fresh, secs(3000)));
    }

    #[test]
    fn renewal_stops_short_of_the_absolute_timeout() {
        let both = Lifetime::new(Some(secs(100)), Some(secs(120))).unwrap();
        let fresh = both.ttl(secs(115)).unwrap();
        assert!(!Renew::EveryRequest.is_due(both, fresh, secs(5)));
    }
}
