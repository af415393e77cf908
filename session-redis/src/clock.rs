use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long an observation counts, however quick a later one is.
const FRESH: Duration = Duration::from_secs(30);

/// What the server's clock says, reckoned from what it said: each answer of a script tells it.
///
/// It decides nothing but the hints of a record, how old it is and how long it has left. Whether it is
/// still there, the server decides.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    seen: Mutex<Option<Seen>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    /// The server's microseconds since 1970 at `start`.
    zero: i64,
    /// How long the answer took, of which nobody knows the way there and the way back.
    took: Duration,
    at: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            seen: Mutex::new(None),
        }
    }

    /// The server said this between the two moments.
    pub(crate) fn observe(&self, micros: i64, asked: Instant, answered: Instant) {
        let took = answered.duration_since(asked);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let better = seen.is_none_or(|seen| {
            took <= seen.took || answered.saturating_duration_since(seen.at) > FRESH
        });
        if better {
            let middle = asked + took / 2;
            *seen = Some(Seen {
                zero: micros.saturating_sub(whole_micros(middle.duration_since(self.start))),
                took,
                at: answered,
            });
        }
    }

    /// Whether the server should be asked: it has not said anything lately.
    pub(crate) fn is_stale(&self) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.is_none_or(|seen| seen.at.elapsed() > 2 * FRESH)
    }

    /// The server's microseconds since 1970 now.
    pub(crate) fn now(&self) -> i64 {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let zero = seen.map_or(0, |seen| seen.zero);
        zero.saturating_add(whole_micros(self.start.elapsed()))
    }
}

fn whole_micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
