use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use session_core::{Operation, StoreError, StoreKey, Timestamp, Version};

use super::{Fault, fault::Hook};

/// A store in memory that writes down each call by name, has a clock that can be put forward, and
/// fails, hangs or runs a hook where a test asks for it. Clones share all of it, as the processes
/// of one site share a database.
#[derive(Clone, Default)]
pub(crate) struct SpyStore(Arc<Inner>);

#[derive(Default)]
struct Inner {
    records: Mutex<HashMap<StoreKey, Kept>>,
    calls: Mutex<Vec<&'static str>>,
    faults: Mutex<Vec<(&'static str, Fault)>>,
    ahead: AtomicI64,
    in_hook: AtomicBool,
    abandoned: AtomicUsize,
}

#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) data: Vec<u8>,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) version: Version,
    pub(crate) created_at: Timestamp,
    pub(crate) deadline: Timestamp,
}

impl SpyStore {
    /// The calls since this was last asked for.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.0.calls.lock().unwrap())
    }

    /// Says what becomes of the next call of this name. Several are met in the order given, and
    /// none by the calls that a hook makes.
    pub(crate) fn next(&self, call: &'static str, fault: Fault) {
        self.0.faults.lock().unwrap().push((call, fault));
    }

    /// Puts the store's clock forward.
    pub(crate) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap();
        self.0.ahead.fetch_add(by, Ordering::SeqCst);
    }

    /// The number of living records.
    pub(crate) fn len(&self) -> usize {
        self.records().len()
    }

    /// The keys of the living records.
    pub(crate) fn keys(&self) -> Vec<StoreKey> {
        self.records().keys().copied().collect()
    }

    /// The bytes of a living record.
    pub(crate) fn bytes(&self, key: &StoreKey) -> Option<Vec<u8>> {
        self.records().get(key).map(|kept| kept.data.clone())
    }

    /// The bytes of the only living record.
    pub(crate) fn only_bytes(&self) -> Vec<u8> {
        let keys = self.keys();
        assert_eq!(keys.len(), 1, "one record");
        self.bytes(&keys[0]).unwrap()
    }

    /// The owner of the only living record.
    pub(crate) fn only_owner(&self) -> Option<Arc<str>> {
        let records = self.records();
        assert_eq!(records.len(), 1, "one record");
        records.values().next().unwrap().owner.clone()
    }

    /// Spoils a living record.
    pub(crate) fn overwrite(&self, key: &StoreKey, data: &[u8]) {
        self.records().get_mut(key).unwrap().data = data.to_vec();
    }

    /// Removes a record, as another process would.
    pub(crate) fn remove(&self, key: &StoreKey) -> bool {
        self.records().remove(key).is_some()
    }

    /// How many calls were dropped before they had an answer.
    pub(crate) fn abandoned(&self) -> usize {
        self.0.abandoned.load(Ordering::SeqCst)
    }

    pub(super) fn now(&self) -> Timestamp {
        let ahead = self.0.ahead.load(Ordering::SeqCst);
        Timestamp::from_unix_millis(Timestamp::now().as_unix_millis() + ahead)
    }

    pub(super) fn records(&self) -> MutexGuard<'_, HashMap<StoreKey, Kept>> {
        let now = self.now();
        let mut records = self.0.records.lock().unwrap();
        records.retain(|_, kept| kept.deadline > now);
        records
    }

    /// One call: writes it down, meets its fault, and does `act` to the records.
    pub(super) async fn call<T>(
        &self,
        name: &'static str,
        operation: Operation,
        act: impl FnOnce(&Self) -> T,
    ) -> Result<T, StoreError> {
        self.0.calls.lock().unwrap().push(name);
        let mut waiting = Waiting {
            abandoned: &self.0.abandoned,
            answered: false,
        };
        let answer = match self.fault(name) {
            None => Ok(act(self)),
            Some(Fault::Fail(kind)) => Err(StoreError::new(kind, operation)),
            Some(Fault::LoseAnswer(kind)) => {
                act(self);
                Err(StoreError::new(kind, operation))
            }
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Delay(time)) => {
                tokio::time::sleep(time).await;
                Ok(act(self))
            }
            Some(Fault::Before(hook)) => {
                self.run(hook).await;
                Ok(act(self))
            }
            Some(Fault::After(hook)) => {
                let answer = act(self);
                self.run(hook).await;
                Ok(answer)
            }
        };
        waiting.answered = true;
        answer
    }

    async fn run(&self, hook: Hook) {
        self.0.in_hook.store(true, Ordering::SeqCst);
        let _done = Done(&self.0.in_hook);
        hook.await;
    }

    fn fault(&self, name: &'static str) -> Option<Fault> {
        if self.0.in_hook.load(Ordering::SeqCst) {
            return None;
        }
        let mut faults = self.0.faults.lock().unwrap();
        let at = faults.iter().position(|(call, _)| *call == name)?;
        Some(faults.remove(at).1)
    }
}

/// Counts a call that is dropped while it waits.
struct Waiting<'a> {
    abandoned: &'a AtomicUsize,
    answered: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.abandoned.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Ends a hook, also one that is dropped.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}
