use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Longer than a client that is about to say something takes for it on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a client is about to say, as [`Relay::hold`](crate::Relay::hold) knows it: it waits in the relay
/// until this is released or dropped. Whatever the same connection says afterwards waits behind it.
#[derive(Debug)]
#[must_use = "dropped, it holds nothing"]
pub struct Hold(Arc<Gate>);

/// Where it waits.
#[derive(Debug)]
pub(crate) struct Gate {
    marks: Vec<Vec<u8>>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default, Debug)]
struct State {
    reached: bool,
    released: bool,
}

impl Hold {
    pub(crate) fn new(marks: &[&[u8]]) -> (Self, Arc<Gate>) {
        let gate = Arc::new(Gate {
            marks: marks.iter().map(|mark| mark.to_vec()).collect(),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        (Self(Arc::clone(&gate)), gate)
    }

    /// Whether it has been said, and waits or has waited.
    pub fn is_reached(&self) -> bool {
        self.0.state().reached
    }

    /// Blocks until it has been said.
    ///
    /// # Panics
    /// If nobody says it for long.
    pub fn reached(&self) {
        let state = self.0.state();
        let waited = self
            .0
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !state.reached);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(state.reached, "nobody says {}", self.0.said());
    }

    /// Hands it on. What has not been said yet will not wait.
    pub fn release(&self) {
        self.0.state().released = true;
        self.0.changed.notify_all();
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release();
    }
}

impl Gate {
    /// Whether this piece is the one, and has to wait.
    pub(crate) fn takes(&self, piece: &[u8]) -> bool {
        let mut state = self.state();
        let takes = !state.reached
            && !state.released
            && self.marks.iter().all(|mark| contains(piece, mark));
        state.reached |= takes;
        self.changed.notify_all();
        takes
    }

    /// Waits for its release.
    pub(crate) fn wait(&self) {
        let waited = self
            .changed
            .wait_while(self.state(), |state| !state.released);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether another piece may have to wait here.
    pub(crate) fn is_open(&self) -> bool {
        let State { reached, released } = *self.state();
        !reached && !released
    }

    fn said(&self) -> String {
        let marks = self.marks.iter().map(|mark| mark.escape_ascii());
        let marks: Vec<_> = marks.map(|mark| mark.to_string()).collect();
        marks.join(" and ")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a piece has this in it.
pub(crate) fn contains(piece: &[u8], mark: &[u8]) -> bool {
    mark.is_empty() || piece.windows(mark.len()).any(|it| it == mark)
}
