use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A point in time as milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// It has no time zone, so a store keeps it as one integer and no session setting can bend it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_unix_millis(self) -> i64 {
        self.0
    }

    /// Now, by this machine's clock. A store with a clock of its own uses that one instead.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// The time from `earlier` to `self`, zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        if millis < 0 {
            return Duration::ZERO;
        }
        Duration::from_millis(millis.cast_unsigned())
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(millis(after)),
            Err(before) => Self(millis(before.duration()).saturating_neg()),
        }
    }
}
