use std::time::Instant;

use session_core::Ttl;

/// Counts nanoseconds since the store came into being. Never steps back, whatever happens to the
/// machine's wall clock.
#[derive(Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Now. Good for 584 years.
    pub(crate) fn now(self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// The first nanosecond in which a record that gets `ttl` now is absent.
pub(crate) fn deadline(now: u64, ttl: Ttl) -> u64 {
    now.saturating_add(ttl.as_millis().saturating_mul(1_000_000))
}
