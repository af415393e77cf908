//! One store that is read, and others that have what it has.

mod copying;
mod housekeeping;
mod operations;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::StoreError;

/// Reads from a first store, and writes to it and to others in their order: so that one of them can take
/// the first one's place.
///
/// The first store alone decides: whether a session is there, who wins a compare and swap, when a record
/// expires. A replica gets what the first one has, one operation after it. Where several writes of a session
/// meet, each looks at the first store once more after it has written to the replicas, and mends them until
/// they agree with it.
///
/// ```
/// use session_core::{OnReplicaFailure, Replicated, Store};
///
/// # fn example<S: Store>(redis: S, elsewhere: S) {
/// let store = Replicated::new(redis, [elsewhere], OnReplicaFailure::Log);
/// assert_eq!(store.replica_failures(), 0);
/// # }
/// ```
///
/// To let a replica take over, build one with the replica as the first. Every server of the application must do
/// so at once: while two of them read from different stores, no compare and swap holds between them.
///
/// # Costs
///
/// A read costs one operation. A write costs one of each store, and two reads of the first; a deletion and a
/// renewal cost one of each store. They are written one after another.
///
/// # Limits
///
/// - Cut off between the first store and a replica, a write is missing there, until the session is written
///   again or expires; a deleted session stays there until it expires.
/// - Where a renewal and a write of one session meet, a replica may keep the time to live of the one that came
///   first.
/// - Versions are each store's own. When a replica takes over, requests that are under way meet a conflict,
///   and load their session again.
pub struct Replicated<S> {
    inner: Arc<Inner<S>>,
}

struct Inner<S> {
    first: S,
    replicas: Vec<S>,
    on_failure: OnReplicaFailure,
    failures: AtomicU64,
}

/// What becomes of an operation that the first store has done and a replica has not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum OnReplicaFailure {
    /// It fails with the replica's error, though the first store has done it, and the other replicas have.
    Fail,
    /// It succeeds; the failure is logged and counted.
    Log,
}

impl<S> Replicated<S> {
    /// Reads from `first`, and writes to it and to all of `replicas`. For stores of different kinds, let `S`
    /// be `Arc<dyn FullStore>`.
    pub fn new(
        first: S,
        replicas: impl IntoIterator<Item = S>,
        on_failure: OnReplicaFailure,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                first,
                replicas: replicas.into_iter().collect(),
                on_failure,
                failures: AtomicU64::new(0),
            }),
        }
    }

    /// How many operations a replica has failed to do.
    pub fn replica_failures(&self) -> u64 {
        self.inner.failures.load(Ordering::Relaxed)
    }
}

impl<S> Inner<S> {
    /// What a replica has answered, under the policy.
    fn weigh(&self, answer: Result<(), StoreError>) -> Result<(), StoreError> {
        let Err(error) = answer else {
            return Ok(());
        };
        self.failures.fetch_add(1, Ordering::Relaxed);
        match self.on_failure {
            OnReplicaFailure::Fail => Err(error),
            OnReplicaFailure::Log => {
                tracing::warn!(%error, "a replica failed");
                Ok(())
            }
        }
    }
}

impl<S> Clone for Replicated<S> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<S> fmt::Debug for Replicated<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replicated")
            .field("replicas", &self.inner.replicas.len())
            .field("on_failure", &self.inner.on_failure)
            .field("replica_failures", &self.replica_failures())
            .finish_non_exhaustive()
    }
}
