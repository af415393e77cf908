use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use moka::sync::Cache;
use redis::{Cmd, Pipeline, PushInfo, PushKind, Value};
use session_core::{Operation, Record, StoreError, StoreKey};

use crate::{layout::Living, link::Request, names::Names, run::fault, store::Shared};

/// Reads served from this process: how much it may keep, and for how long without asking again.
///
/// The server tells when a record has changed (RESP3 client tracking), so a session that was revoked
/// elsewhere is served for as long as that word travels. A lost connection empties the cache. What
/// neither happens to, because something between drops packets without a word, is bounded by `max_age`.
/// Writes always compare and swap on the server, so what is stale overwrites nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "it does nothing until options take it"]
pub struct NearCache {
    max_bytes: u64,
    max_age: Duration,
}

impl NearCache {
    /// At most so many bytes, with what it takes to keep them; `max_age` is 5 s unless said otherwise.
    pub const fn new(max_bytes: u64) -> Self {
        Self {
            max_bytes,
            max_age: Duration::from_secs(5),
        }
    }

    /// For how long a record is served without being read from the server again.
    ///
    /// Longer than a day is a day.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age.min(Duration::from_secs(24 * 60 * 60));
        self
    }
}

/// How much a record takes beside its data and owner: roughly, and rather too much.
const OVERHEAD: usize = 400;
/// Keys share a counter with others: one in so many.
const STRIPES: usize = 8192;
/// How much earlier than the server a record is taken for expired, in microseconds: the clocks may differ.
const MARGIN: i64 = 5_000;

pub(crate) struct Near {
    cache: Cache<StoreKey, Arc<Kept>>,
    max_age: Duration,
    /// How often records were forgotten. One that was read before that does not count after it.
    forgotten: Box<[AtomicU64]>,
    names: Names,
}

struct Kept {
    living: Living,
    begun: Begun,
}

/// What is known as a read begins. What it reads counts for as long as the number stands.
#[derive(Clone, Copy)]
struct Begun {
    forgotten: u64,
    at: Instant,
}

impl Near {
    pub(crate) fn new(near: NearCache, names: Names) -> Self {
        let cache = Cache::builder()
            .max_capacity(near.max_bytes)
            .weigher(|_, kept: &Arc<Kept>| {
                let owner = kept.living.owner.as_ref().map_or(0, bytes::Bytes::len);
                u32::try_from(OVERHEAD + owner + kept.living.data.len()).unwrap_or(u32::MAX)
            })
            .time_to_live(near.max_age)
            .build();
        Self {
            cache,
            max_age: near.max_age,
            forgotten: (0..STRIPES).map(|_| AtomicU64::new(0)).collect(),
            names,
        }
    }

    /// What was read, if nobody has said since that it changed, and it has not expired by the server's
    /// microseconds `now`.
    pub(crate) fn get(&self, key: &StoreKey, now: i64) -> Option<Living> {
        let kept = self.cache.get(key)?;
        let lives = kept
            .living
            .expires_at
            .saturating_mul(1000)
            .saturating_sub(MARGIN)
            > now;
        let counts = self.stripe(key).load(SeqCst) == kept.begun.forgotten;
        let is_young = kept.begun.at.elapsed() < self.max_age;
        (lives && counts && is_young).then(|| kept.living.clone())
    }

    fn begin(&self, key: &StoreKey) -> Begun {
        Begun {
            forgotten: self.stripe(key).load(SeqCst),
            at: Instant::now(),
        }
    }

    /// Keeps what was read. If it was to be forgotten meanwhile, it does not count.
    fn keep(&self, key: &StoreKey, living: &Living, begun: Begun) {
        let living = living.clone();
        self.cache.insert(*key, Arc::new(Kept { living, begun }));
    }

    pub(crate) fn forget(&self, key: &StoreKey) {
        self.stripe(key).fetch_add(1, SeqCst);
        self.cache.invalidate(key);
    }

    pub(crate) fn forget_all(&self) {
        for stripe in &self.forgotten {
            stripe.fetch_add(1, SeqCst);
        }
        self.cache.invalidate_all();
    }

    /// What the server says without being asked, in the order of its answers.
    pub(crate) fn hear(&self, push: &PushInfo) {
        match (&push.kind, push.data.first()) {
            (PushKind::Invalidate, Some(Value::Array(names))) => {
                for name in names {
                    if let Value::BulkString(name) = name
                        && let Some(key) = self.names.key(name)
                    {
                        self.forget(&key);
                    }
                }
            }
            // Everything was removed, or the connection is gone and with it what it would have told.
            (PushKind::Invalidate | PushKind::Disconnection, _) => self.forget_all(),
            _ => {}
        }
    }

    fn stripe(&self, key: &StoreKey) -> &AtomicU64 {
        // A digest: any part of it is as good as another.
        let [first, second, ..] = key.as_bytes();
        &self.forgotten[usize::from(u16::from_be_bytes([*first, *second])) % STRIPES]
    }
}

impl fmt::Debug for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Near").finish_non_exhaustive()
    }
}

impl Shared {
    /// Reads from the server and keeps it, if the server says that it will tell of changes.
    pub(crate) async fn get_and_keep(
        &self,
        operation: Operation,
        key: &StoreKey,
        near: &Near,
    ) -> Result<Option<Record>, StoreError> {
        let begun = near.begin(key);
        let mut both = Pipeline::with_capacity(2);
        both.add_command(tracking());
        let name = self.names.record(key);
        both.cmd("GET").arg(&name);
        let mut answers = match self.link.send(&name, Request::Several(&both)).await {
            Ok(answers) => answers,
            Err(failure) if failure.error.is_timeout() => {
                return Err(fault(operation)(failure.error));
            }
            // The connection was lost, or the server does not track.
            Err(_) => return self.look_up(operation, key).await,
        };
        let (value, tracked) = (answers.pop(), answers.pop());
        if let Some(Value::ServerError(_)) = value {
            // A node of a cluster sends the second command elsewhere, where the first one would not be.
            return self.look_up(operation, key).await;
        }
        let Some(living) = self.living(operation, key, value).await? else {
            return Ok(None);
        };
        self.know_the_time(operation, &name).await?;
        if let Some(Value::Okay) = tracked {
            near.keep(key, &living, begun);
        }
        self.record(operation, living).map(Some)
    }
}

/// From here on, the connection is told when what it has read changes. It can be said again and again, and
/// is, since nobody here knows which connection it will be.
fn tracking() -> Cmd {
    let mut cmd = Cmd::with_capacity(3, 16);
    cmd.arg("CLIENT").arg("TRACKING").arg("ON");
    cmd
}

#[cfg(test)]
mod tests {
    use session_core::Version;

    use super::*;

    const KEY: StoreKey = StoreKey::from_bytes([7; 32]);

    fn near() -> Near {
        Near::new(NearCache::new(1 << 20), Names::new(b"session:"))
    }

    fn living(expires_at: i64) -> Living {
        Living {
            version: Version::from_i64(1),
            created_at: 0,
            expires_at,
            owner: None,
            data: bytes::Bytes::from_static(b"data"),
        }
    }

    fn told(data: Vec<Value>) -> PushInfo {
        PushInfo {
            kind: PushKind::Invalidate,
            data,
        }
    }

    #[test]
    fn what_is_kept_is_served_until_just_before_it_expires() {
        let near = near();
        near.keep(&KEY, &living(1000), near.begin(&KEY));
        assert!(near.get(&KEY, 994_000).is_some());
        assert!(near.get(&KEY, 996_000).is_none());
    }

    /// Whoever reads and whoever is told that it has changed, are not the same.
    #[test]
    fn what_was_read_before_it_was_to_be_forgotten_does_not_count() {
        let name = Names::new(b"session:").record(&KEY);
        let words: [&dyn Fn(&Near); 4] = [
            &|near| near.forget(&KEY),
            &Near::forget_all,
            &|near| near.hear(&told(vec![Value::Nil])),
            &|near| {
                let names = vec![Value::BulkString(name.clone())];
                near.hear(&told(vec![Value::Array(names)]));
            },
        ];
        for word in words {
            let near = near();
            let begun = near.begin(&KEY);
            word(&near);
            near.keep(&KEY, &living(1000), begun);
            assert!(near.get(&KEY, 0).is_none());
            near.keep(&KEY, &living(1000), near.begin(&KEY));
            assert!(near.get(&KEY, 0).is_some());
            word(&near);
            assert!(near.get(&KEY, 0).is_none());
        }
    }
}
