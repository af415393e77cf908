use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
};

use session_core::StoreKey;

use super::Records;
use crate::{
    deadlines::{Deadlines, Walk},
    slot::{Life, Slot},
    stripes::lock,
};

/// How many slots are handled before other callers get the lock, and other tasks the thread.
const BATCH: usize = 128;

impl Records {
    pub(crate) fn delete(&self, key: &StoreKey) -> bool {
        let mut stripe = self.stripes.lock(key);
        let Some(slot) = self.cache.get(key) else {
            return false;
        };
        let living = self.ledger.kill(&mut slot.state(), true);
        self.bury(&mut stripe, &slot);
        living
    }

    /// Ends all lives in one instant, then takes the slots out bit by bit.
    pub(crate) async fn delete_all(&self) -> u64 {
        let living = self.kill_all();
        self.bury_all_ended().await;
        living
    }

    /// Takes out up to `limit` slots whose records have expired.
    pub(crate) async fn purge(&self, limit: u64) -> u64 {
        let start = self.purge_next.fetch_add(1, Ordering::Relaxed);
        let (mut purged, mut steps) = (0, 0);
        for stripe in self.stripes.from(start) {
            let mut walk = Walk::default();
            loop {
                let batch = self.purge_batch(&mut lock(stripe), &mut walk, limit - purged);
                purged += batch.expired;
                steps += batch.steps;
                if steps >= BATCH {
                    steps = 0;
                    Yield::default().await;
                }
                if !batch.more || purged == limit {
                    break;
                }
            }
            if purged == limit {
                break;
            }
        }
        self.bury_all_ended().await;
        purged
    }

    /// Takes out up to `limit` slots of one stripe, in up to [`BATCH`] steps.
    fn purge_batch(&self, stripe: &mut Deadlines, walk: &mut Walk, limit: u64) -> Batch {
        let mut batch = Batch::default();
        while batch.expired < limit {
            if batch.steps == BATCH {
                batch.more = true;
                break;
            }
            let now = self.ledger.clock.now();
            let Some(slot) = stripe.next(walk, now).map(Arc::clone) else {
                break;
            };
            batch.steps += 1;
            let kept = self.cache.contains_key(slot.key());
            let (expired, ended, renewed) = {
                let mut state = slot.state();
                let expired = self.ledger.kill_expired(&mut state, kept);
                (expired, state.life != Life::Living, state.comes_up_early())
            };
            batch.expired += u64::from(expired);
            if ended {
                self.bury(stripe, &slot);
            } else if renewed {
                self.refile(stripe, &slot);
            }
        }
        batch
    }

    fn kill_all(&self) -> u64 {
        // All stripes, so that no record escapes by a rename from one to another.
        let stripes = self.stripes.lock_all();
        let mut living = 0;
        let mut ended: Vec<Arc<Slot>> = Vec::new();
        for slot in stripes.iter().flat_map(|stripe| stripe.all()) {
            let kept = self.cache.contains_key(slot.key());
            living += u64::from(self.ledger.kill(&mut slot.state(), kept));
            ended.push(Arc::clone(slot));
        }
        // On the list that every writer works off: nothing is left behind if the caller is
        // cancelled.
        self.ledger.leave_for_later(ended);
        living
    }

    async fn bury_all_ended(&self) {
        while self.bury_ended(BATCH) {
            Yield::default().await;
        }
        // moka keeps what was removed until it has worked off its log.
        self.cache.run_pending_tasks();
    }
}

/// What [`Records::purge_batch`] did.
#[derive(Default)]
struct Batch {
    expired: u64,
    steps: usize,
    /// Whether it stopped for the number of steps.
    more: bool,
}

/// Lets other tasks of this thread run once, whatever the runtime.
#[derive(Default)]
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
