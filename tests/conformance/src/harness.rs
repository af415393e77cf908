//! Runs one law against one store, or skips it by name.

use std::{
    collections::HashSet,
    env,
    io::{Write as _, stderr},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{runtime::Builder, time::timeout};

use crate::laws;

/// The environment variable that, set to `all`, makes a skipped law fail: for the machine that is
/// meant to have every server.
pub const REQUIRE: &str = "SESSION_TEST_REQUIRE";

/// Enough for races to be real, few enough to run many laws at once.
const WORKERS: usize = 4;

/// No law takes this long with a store that answers at all.
const PATIENCE: Duration = Duration::from_secs(120);

/// A law's future; it stays on the thread that started it.
type Held = Pin<Box<dyn Future<Output = ()>>>;

/// What [`skip`] throws. Private, so that nothing else can be taken for it.
struct Skipped(String);

/// Leaves the law that runs now, because the store cannot be made here.
///
/// Call it where the store is made: `skip("no redis-server")`. The test passes, and the reason is
/// written to standard error once, past the capture of the test runner. With
/// `SESSION_TEST_REQUIRE=all` in the environment the test fails instead.
pub fn skip(reason: impl Into<String>) -> ! {
    resume_unwind(Box::new(Skipped(reason.into())))
}

/// Makes a store, holds the law of this number against it, in a runtime of its own.
///
/// The macros write a test around each call; call it yourself only for a harness of your own.
///
/// # Panics
/// If the store breaks the law.
pub fn check<T>(number: &str, fresh: impl Future<Output = T>, law: fn(T) -> Held) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .expect("a runtime");
    let run = || {
        runtime.block_on(async {
            let kept = timeout(PATIENCE, law(fresh.await)).await;
            assert!(kept.is_ok(), "the store does not answer any more");
        });
    };
    let Err(thrown) = catch_unwind(AssertUnwindSafe(run)) else {
        return;
    };
    match thrown.downcast::<Skipped>() {
        Ok(skipped) => skipped.settle(env::var(REQUIRE).ok().as_deref()),
        Err(thrown) => {
            if let Some(law) = laws().find(|law| law.number == number) {
                eprintln!("broken: {law}");
            }
            resume_unwind(thrown)
        }
    }
}

impl Skipped {
    fn settle(self, required: Option<&str>) {
        let Self(reason) = self;
        assert!(
            required != Some("all"),
            "skip: {reason}; but {REQUIRE}=all allows no skipping"
        );
        static TOLD: Mutex<Option<HashSet<String>>> = Mutex::new(None);
        let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get_or_insert_default().insert(reason.clone()) {
            // Standard error may be closed; nothing is lost but the notice.
            let _ = writeln!(stderr(), "skip: {reason}");
        }
    }
}
