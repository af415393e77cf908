use std::time::Duration;

/// How long a record lives from now: whole milliseconds, from 1 ms to 400 days.
///
/// A `Ttl` outside these bounds cannot be built, so no store ever has to say what a time to live
/// of zero means. The upper bound is the age at which browsers clip a cookie (RFC 6265bis §5.5).
///
/// ```
/// use session_core::Ttl;
/// use std::time::Duration;
///
/// let ttl = Ttl::from_secs(3600)?;
/// assert_eq!(ttl.as_millis(), 3_600_000);
/// assert!(Ttl::try_from(Duration::ZERO).is_err());
/// assert!(Ttl::try_from(Duration::from_secs(401 * 86_400)).is_err());
/// # Ok::<(), session_core::TtlError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ttl(u64);

impl Ttl {
    /// The shortest: 1 ms.
    pub const MIN: Self = Self(1);
    /// The longest: 400 days.
    pub const MAX: Self = Self(400 * 24 * 60 * 60 * 1000);

    /// A time to live of so many milliseconds.
    ///
    /// # Errors
    /// [`TtlError`] if it is zero or over 400 days.
    pub const fn from_millis(millis: u64) -> Result<Self, TtlError> {
        if millis < Self::MIN.0 || millis > Self::MAX.0 {
            return Err(TtlError(()));
        }
        Ok(Self(millis))
    }

    /// A time to live of so many seconds.
    ///
    /// # Errors
    /// [`TtlError`] if it is zero or over 400 days.
    pub const fn from_secs(secs: u64) -> Result<Self, TtlError> {
        Self::from_millis(secs.saturating_mul(1000))
    }

    /// The nearest time to live that is allowed: at least 1 ms, at most 400 days.
    pub fn clamped(duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(millis.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Milliseconds, 1 to 34 560 000 000.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Milliseconds as the signed integer that databases bind; it always fits.
    pub const fn as_millis_i64(self) -> i64 {
        self.0.cast_signed()
    }

    /// The same as a [`Duration`].
    pub const fn as_duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

impl TryFrom<Duration> for Ttl {
    type Error = TtlError;

    /// A fraction of a millisecond is dropped, so that a record never outlives what was asked.
    fn try_from(duration: Duration) -> Result<Self, TtlError> {
        u64::try_from(duration.as_millis())
            .map_err(|_| TtlError(()))
            .and_then(Self::from_millis)
    }
}

impl From<Ttl> for Duration {
    fn from(ttl: Ttl) -> Self {
        ttl.as_duration()
    }
}

/// The time to live is shorter than 1 ms or longer than 400 days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a time to live is 1 millisecond to 400 days")]
pub struct TtlError(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_allowed_and_nothing_past_them() {
        assert_eq!(Ttl::from_millis(1), Ok(Ttl::MIN));
        assert_eq!(Ttl::from_secs(400 * 86_400), Ok(Ttl::MAX));
        assert!(Ttl::from_millis(0).is_err());
        assert!(Ttl::from_millis(Ttl::MAX.0 + 1).is_err());
        assert!(Ttl::from_secs(u64::MAX).is_err());
        assert!(Ttl::try_from(Duration::MAX).is_err());
    }

    #[test]
    fn fractions_are_dropped_never_rounded_up() {
        let ttl = Ttl::try_from(Duration::from_micros(1999));
        assert_eq!(ttl, Ok(Ttl::MIN));
        assert!(Ttl::try_from(Duration::from_micros(999)).is_err());
    }

    #[test]
    fn clamping_saturates_at_both_ends() {
        assert_eq!(Ttl::clamped(Duration::ZERO), Ttl::MIN);
        assert_eq!(Ttl::clamped(Duration::MAX), Ttl::MAX);
    }
}
