//! C: when a record came into being.

use std::time::{Duration, Instant};

use session_core::{NewRecord, Precondition, Store, Timestamp};
use tokio::time::sleep;

use crate::{
    Tested,
    steps::{LONG, SLACK, Steps as _, key},
};

/// A day long past, in 2001.
const THEN: Timestamp = Timestamp::from_unix_millis(1_000_000_000_123);

/// More than clocks of two machines differ, less than any time zone.
const MINUTES: u64 = 10 * 60 * 1000;

/// C1: Later sets keep `created_at`, even if they give another one.
pub async fn later_sets_keep_created_at(store: Tested<dyn Store>) {
    let key = key("old");
    store.put(&key, b"first").await;
    let created_at = store.found(&key).await.created_at;
    sleep(Duration::from_millis(4)).await;
    let version = store.put(&key, b"second").await;
    assert_eq!(store.found(&key).await.created_at, created_at);
    let when = Precondition::Version(version);
    let record = NewRecord::new(b"third").created_at(Some(THEN));
    store.write(&key, &record, LONG, when).await;
    assert_eq!(store.found(&key).await.created_at, created_at);
}

/// C2: A `created_at` that is given at creation comes back to the millisecond.
pub async fn a_given_created_at_comes_back(store: Tested<dyn Store>) {
    let record = NewRecord::new(b"x").created_at(Some(THEN));
    for (name, when) in [("any", Precondition::Any), ("absent", Precondition::Absent)] {
        store.write(&key(name), &record, LONG, when).await;
        assert_eq!(store.found(&key(name)).await.created_at, THEN);
        store.put(&key(name), b"y").await;
        assert_eq!(store.found(&key(name)).await.created_at, THEN);
    }
}

/// C3: Without one, `created_at` is now, a true point in time whatever the store's time zone.
pub async fn created_at_is_now_otherwise(store: Tested<dyn Store>) {
    let key = key("young");
    let started = Instant::now();
    store.put(&key, b"x").await;
    let record = store.found(&key).await;
    assert!(record.age <= started.elapsed() + SLACK, "{:?}", record.age);
    let (here, there) = (Timestamp::now(), record.created_at);
    let apart = here.as_unix_millis().abs_diff(there.as_unix_millis());
    assert!(apart < MINUTES, "{apart} ms apart");
}

/// C4: `age` is the time since `created_at`, and grows as time passes.
pub async fn age_is_the_time_since_created_at(store: Tested<dyn Store>) {
    let (old, young) = (key("old"), key("young"));
    let record = NewRecord::new(b"x").created_at(Some(THEN));
    store.write(&old, &record, LONG, Precondition::Any).await;
    store.put(&young, b"x").await;
    let written = Instant::now();
    sleep(Duration::from_millis(10)).await;
    let least = written.elapsed();
    let young = store.found(&young).await;
    assert!(young.age + SLACK >= least, "{:?}", young.age);
    let age = store.found(&old).await.age;
    let real = Timestamp::now().since(THEN);
    let apart = age.abs_diff(real).as_millis();
    assert!(apart < u128::from(MINUTES), "{apart} ms apart");
}

/// C5: A record that is created again after a delete does not inherit `created_at`.
pub async fn a_new_life_begins_anew(store: Tested<dyn Store>) {
    let key = key("two lives");
    let record = NewRecord::new(b"x").created_at(Some(THEN));
    store.write(&key, &record, LONG, Precondition::Any).await;
    store.delete(&key).await.unwrap();
    store.put(&key, b"y").await;
    assert_ne!(store.found(&key).await.created_at, THEN);
}
