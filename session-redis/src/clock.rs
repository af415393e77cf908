use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long an observation counts, however quick a later one is.
const FRESH: Duration = Duration::from_secs(30);

/// What the server's clock says, reckoned from what it said: each answer of a script tells it.
///
/// It decides nothing but the hints of a record, how old it is and how long it has left, and when a near cache
/// asks again for one that is about to expire. Whether it is still there, the server decides.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    seen: Mutex<Option<Seen>>,
    /// The latest that `now` has said: what is left of a record never grows.
    latest: AtomicI64,
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
            latest: AtomicI64::new(i64::MIN),
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

    /// The server's microseconds since 1970 now. Goes back only where the server's clock did, or another
    /// server took its place: by more than a second.
    pub(crate) fn now(&self) -> i64 {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let zero = seen.map_or(0, |seen| seen.zero);
        let now = zero.saturating_add(whole_micros(self.start.elapsed()));
        let latest = self.latest.fetch_max(now, Ordering::Relaxed);
        if latest.saturating_sub(now) > 1_000_000 {
            self.latest.store(now, Ordering::Relaxed);
            return now;
        }
        latest.max(now)
    }
}

fn whole_micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR_2030: i64 = 1_900_000_000_000_000;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn it_goes_on_from_what_the_server_said() {
        let clock = Clock::new();
        assert!(clock.is_stale());
        let now = Instant::now();
        clock.observe(YEAR_2030, now, now);
        assert!(!clock.is_stale());
        let passed = clock.now() - YEAR_2030;
        assert!((0..1_000_000).contains(&passed), "{passed}");
    }

    #[test]
    fn a_quicker_answer_is_believed_and_a_slower_one_is_not() {
        let (clock, now) = (Clock::new(), Instant::now());
        clock.observe(YEAR_2030, now, now + millis(10));
        clock.observe(YEAR_2030 + 60_000_000, now, now + millis(1000));
        assert!(clock.now() < YEAR_2030 + 10_000_000);
        clock.observe(YEAR_2030 + 60_000_000, now, now + millis(1));
        assert!(clock.now() > YEAR_2030 + 50_000_000);
    }

    #[test]
    fn it_goes_back_only_where_the_server_did() {
        let (clock, now) = (Clock::new(), Instant::now());
        clock.observe(YEAR_2030, now, now + millis(10));
        let before = clock.now();
        clock.observe(YEAR_2030 - 500_000, now, now + millis(2));
        let after = clock.now();
        assert!(before <= after, "{before} {after}");
        clock.observe(YEAR_2030 - 60_000_000, now, now + millis(1));
        assert!(clock.now() < before);
    }
}
