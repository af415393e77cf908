//! X: expired is absent, and living is not.

use std::time::{Duration, Instant};

use session_core::{NewRecord, Precondition, SetOutcome, Store, StoreKey, Timestamp, Ttl};
use tokio::time::sleep;

use crate::{
    Tested,
    steps::{
        LONG, SLACK, Steps as _, key, millis, outlive, pause_until, race, surely_lives,
        until_quick_enough,
    },
};

const RECORD: NewRecord<'_> = NewRecord::new(b"x");

/// X1: Expired is absent for `get`.
pub async fn expired_is_absent_for_get(store: Tested<dyn Store>) {
    let key = key("expired");
    store.let_expire(&key, &RECORD).await;
    store.assert_gone(&key).await;
}

/// X2: Expired is absent for `exists`.
pub async fn expired_is_absent_for_exists(store: Tested<dyn Store>) {
    let key = key("expired");
    store.let_expire(&key, &RECORD).await;
    assert!(!store.exists(&key).await.unwrap());
}

/// X3: Expired is absent for `ttl`.
pub async fn expired_is_absent_for_ttl(store: Tested<dyn Store>) {
    let key = key("expired");
    store.let_expire(&key, &RECORD).await;
    assert_eq!(store.ttl(&key).await.unwrap(), None);
}

/// X4: `set` with `Absent` wins over an expired record.
pub async fn absent_wins_over_expired(store: Tested<dyn Store>) {
    let key = key("expired");
    store.let_expire(&key, &RECORD).await;
    let record = NewRecord::new(b"new");
    store.write(&key, &record, LONG, Precondition::Absent).await;
    assert_eq!(store.found(&key).await.data, "new");
}

/// X5: `set` with `Version` on an expired record is `Missing` and revives nothing.
pub async fn version_of_expired_is_missing(store: Tested<dyn Store>) {
    let key = key("expired");
    let version = store.let_expire(&key, &RECORD).await;
    let outcome = store.try_put(&key, b"late", Precondition::Version(version));
    assert_eq!(outcome.await, SetOutcome::Missing);
    store.assert_gone(&key).await;
}

/// X6: `delete` of an expired record is `false`.
pub async fn delete_of_expired_is_false(store: Tested<dyn Store>) {
    let key = key("expired");
    store.let_expire(&key, &RECORD).await;
    assert!(!store.delete(&key).await.unwrap());
}

/// X7: `expire` of an expired record is `false` and revives nothing.
pub async fn expire_of_expired_is_false(store: Tested<dyn Store>) {
    let key = key("expired");
    store.let_expire(&key, &RECORD).await;
    assert!(!store.expire(&key, LONG).await.unwrap());
    store.assert_gone(&key).await;
}

/// X8: `rename` of an expired record is `Missing`, and `to` does not exist.
pub async fn rename_of_expired_is_missing(store: Tested<dyn Store>) {
    let (from, to) = (key("expired"), key("to"));
    let version = store.let_expire(&from, &RECORD).await;
    let outcome = store.try_rename(&from, &to, &RECORD, version).await;
    assert_eq!(outcome, SetOutcome::Missing);
    store.assert_gone(&from).await;
    store.assert_gone(&to).await;
}

/// X9: A record that is set over an expired one inherits no `created_at` from it.
pub async fn expired_leaves_no_created_at(store: Tested<dyn Store>) {
    let then = Timestamp::from_unix_millis(1_000_000_000_000);
    for (name, when) in [("any", Precondition::Any), ("absent", Precondition::Absent)] {
        let old = RECORD.created_at(Some(then));
        store.let_expire(&key(name), &old).await;
        store.write(&key(name), &RECORD, LONG, when).await;
        assert_ne!(store.found(&key(name)).await.created_at, then);
    }
}

/// X10: Of N concurrent creators over an expired record exactly one wins.
pub async fn one_creator_wins_over_expired(store: Tested<dyn Store>) {
    let key = key("expired");
    store.let_expire(&key, &RECORD).await;
    let outcomes = race(32, |_| {
        let store = store.clone();
        async move { store.try_put(&key, b"new", Precondition::Absent).await }
    });
    let outcomes = outcomes.await;
    let winner = SetOutcome::Stored(store.found(&key).await.version);
    let (won, lost): (Vec<_>, Vec<_>) = (outcomes.into_iter()).partition(|it| *it == winner);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|outcome| *outcome == SetOutcome::Conflict));
}

/// X11: A record lives until its time is over; none is dropped early.
pub async fn a_record_lives_until_its_time(store: Tested<dyn Store>) {
    let key = key("living");
    until_quick_enough(async |ttl| {
        let writing = Instant::now();
        store.write(&key, &RECORD, ttl, Precondition::Any).await;
        pause_until(writing + ttl.as_duration() * 3 / 4).await;
        let mut seen = false;
        loop {
            let found = store.get(&key).await.unwrap();
            if !surely_lives(writing, ttl) {
                return seen;
            }
            assert!(
                found.is_some(),
                "gone {:?} after the set",
                writing.elapsed()
            );
            seen = true;
        }
    })
    .await;
}

/// X12: No record is read at or past its time: each read has time left, and none comes after.
pub async fn no_record_is_read_past_its_time(store: Tested<dyn Store>) {
    let (key, ttl) = (key("dying"), millis(20));
    store.write(&key, &RECORD, ttl, Precondition::Any).await;
    let last = Instant::now() + ttl.as_duration() + SLACK;
    let mut dead = false;
    loop {
        let asked = Instant::now();
        match store.get(&key).await.unwrap() {
            Some(record) => {
                assert!(!dead, "it came back");
                assert!(asked < last, "{:?} too late", asked - last);
                assert!(record.expires_in > Duration::ZERO, "no time left");
            }
            None => dead = true,
        }
        if asked > last + SLACK {
            return;
        }
    }
}

/// X13: The time left is more than zero, at most the time to live, exact to the millisecond, and falls.
pub async fn the_time_left_is_true(store: Tested<dyn Store>) {
    let (key, ttl) = (key("timed"), millis(34_567));
    let writing = Instant::now();
    store.write(&key, &RECORD, ttl, Precondition::Any).await;
    let written = Instant::now();
    // A store that keeps what another one has answered counts from when it asked.
    let mut slowest = Duration::ZERO;
    for _ in 0..3 {
        let asked = Instant::now();
        let left = store.found(&key).await.expires_in;
        slowest = slowest.max(asked.elapsed());
        let (least, most) = (asked - written, writing.elapsed());
        assert!(left <= ttl.as_duration());
        assert!(
            left + least <= ttl.as_duration() + SLACK,
            "{left:?} is too much"
        );
        assert!(
            left + most + slowest + SLACK >= ttl.as_duration(),
            "{left:?} is too little"
        );
        sleep(Duration::from_millis(5)).await;
    }
}

/// X14: The shortest time to live, 1 ms, is a time to live and no eternity.
pub async fn a_millisecond_is_a_time_to_live(store: Tested<dyn Store>) {
    let key = key("brief");
    store
        .write(&key, &RECORD, Ttl::MIN, Precondition::Any)
        .await;
    outlive(Instant::now(), Ttl::MIN).await;
    store.assert_gone(&key).await;
    store.put(&key, b"x").await;
    assert!(store.expire(&key, Ttl::MIN).await.unwrap());
    outlive(Instant::now(), Ttl::MIN).await;
    store.assert_gone(&key).await;
}

/// X15: The longest time to live, 400 days, comes back as 400 days.
pub async fn four_hundred_days_are_kept(store: Tested<dyn Store>) {
    let key = key("lasting");
    let almost = Ttl::MAX.as_duration() - LONG.as_duration();
    store
        .write(&key, &RECORD, Ttl::MAX, Precondition::Any)
        .await;
    let left = store.found(&key).await.expires_in;
    assert!(left <= Ttl::MAX.into() && left > almost, "{left:?}");
    store.put(&key, b"x").await;
    assert!(store.expire(&key, Ttl::MAX).await.unwrap());
    let left = store.ttl(&key).await.unwrap().expect("a time left");
    assert!(left <= Ttl::MAX.into() && left > almost, "{left:?}");
}

/// X16: A record that `expire` shortens is gone at its new time.
pub async fn a_shortened_record_dies_early(store: Tested<dyn Store>) {
    let (key, ttl) = (key("cut short"), millis(4));
    store.put(&key, b"x").await;
    assert!(store.expire(&key, ttl).await.unwrap());
    outlive(Instant::now(), ttl).await;
    store.assert_gone(&key).await;
}

/// X17: A record that `expire` lengthens outlives its first time.
pub async fn a_lengthened_record_lives_on(store: Tested<dyn Store>) {
    lives_on(&store, async |key| store.expire(key, LONG).await.unwrap()).await;
}

/// X18: A record that `set` writes again outlives its first time.
pub async fn a_rewritten_record_lives_on(store: Tested<dyn Store>) {
    lives_on(&store, async |key| {
        let record = store.get(key).await.unwrap();
        let Some(version) = record.map(|record| record.version) else {
            return false;
        };
        let when = Precondition::Version(version);
        store.try_put(key, b"again", when).await != SetOutcome::Missing
    })
    .await;
}

/// What `renew` caught alive is alive after its first time.
async fn lives_on(store: &Tested<dyn Store>, renew: impl AsyncFn(&StoreKey) -> bool) {
    let key = key("renewed");
    until_quick_enough(async |ttl| {
        let writing = Instant::now();
        store.write(&key, &RECORD, ttl, Precondition::Any).await;
        if !renew(&key).await {
            assert!(!surely_lives(writing, ttl), "it was alive");
            return false;
        }
        outlive(Instant::now(), ttl).await;
        store.found(&key).await;
        true
    })
    .await;
}
