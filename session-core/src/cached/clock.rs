use std::time::{Duration, Instant};

use crate::Timestamp;

/// Measures what passes while entries lie in the near store.
pub(super) struct Clock(Instant);

/// A point in time by both clocks of this machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Moment {
    /// Nanoseconds since the clock was started: never steps, but stands still while the machine
    /// sleeps.
    pub(super) steady: u64,
    /// Goes on while the machine sleeps, but may be set.
    pub(super) wall: Timestamp,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    /// Good for 584 years.
    pub(super) fn now(&self) -> Moment {
        Moment {
            steady: nanos(self.0.elapsed()),
            wall: Timestamp::now(),
        }
    }
}

impl Moment {
    /// The time that has passed for sure, by the clock that never steps.
    pub(super) const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.steady.saturating_sub(earlier.steady))
    }

    /// The time that may have passed: what the clock says that claims more.
    pub(super) fn since_at_most(self, earlier: Self) -> Duration {
        self.since(earlier).max(self.wall.since(earlier.wall))
    }
}

/// Nanoseconds, saturating at 584 years.
pub(super) fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
