//! What only the inside shows: that nothing is left behind, and what moka charges.

use session_core::{NewRecord, Precondition, SetOutcome};

use super::*;

const LONG: Ttl = Ttl::MAX;
const OWNERS: [&str; 3] = ["alice", "bob", "carol"];

fn key(number: usize) -> StoreKey {
    StoreKey::digest(&number.to_le_bytes())
}

fn put(records: &Records, number: usize, owner: Option<&str>, ttl: Ttl) -> SetOutcome {
    let record = NewRecord::new(&[7; 100]).owner(owner);
    let set = records.set(&key(number), &record, ttl, Precondition::Any);
    set.ok().unwrap()
}

/// 30 records of three owners in a store with room for about 1000.
fn filled(ttl: Ttl) -> Records {
    let records = Records::new(Budget::new(1 << 20));
    for number in 0..30 {
        let _ = put(&records, number, Some(OWNERS[number % 3]), ttl);
    }
    assert_eq!(records.owners.len(), 3);
    records
}

fn assert_nothing_is_left(records: &Records) {
    let filed = || {
        let stripes = records.stripes.lock_all();
        stripes.iter().map(|s| s.all().count()).sum::<usize>()
    };
    // The other tests' threads may hold up the news of an eviction for a moment.
    for _ in 0..2000 {
        records.catch_up();
        if filed() == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(
        (filed(), records.owners.len(), records.cache.entry_count()),
        (0, 0, 0)
    );
    assert_eq!((records.ledger.living(), records.count()), (0, 0));
}

#[test]
fn deleted_records_leave_nothing() {
    let records = filled(LONG);
    assert!((0..30).all(|number| records.delete(&key(number))));
    assert_nothing_is_left(&records);
}

#[test]
fn an_owners_deleted_records_leave_nothing() {
    let records = filled(LONG);
    assert_eq!(records.delete_owner("alice", Some(&key(3))), 9);
    for owner in OWNERS {
        records.delete_owner(owner, None);
    }
    assert_nothing_is_left(&records);
}

#[test]
fn owners_whose_records_pass_to_another_are_forgotten() {
    let records = filled(LONG);
    for number in 0..30 {
        let _ = put(&records, number, Some("dave"), LONG);
    }
    assert_eq!((records.owners.len(), records.list("dave").len()), (1, 30));
    for number in 0..30 {
        let _ = put(&records, number, None, LONG);
    }
    assert_eq!((records.owners.len(), records.count()), (0, 30));
}

#[test]
fn evicted_records_leave_nothing() {
    let records = filled(LONG);
    let record = [7; 1_000_000];
    let set = records.set(&key(99), &NewRecord::new(&record), LONG, Precondition::Any);
    assert!(set.is_ok());
    assert_eq!((records.count(), records.list("alice").len()), (1, 0));
    assert!(records.delete(&key(99)));
    assert_nothing_is_left(&records);
    assert_eq!(records.evicted(), 30);
}

#[tokio::test]
async fn expired_records_leave_nothing_once_purged() {
    let records = filled(Ttl::MIN);
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!((records.count(), records.owners.len()), (0, 3));
    assert_eq!(records.purge(100).await, 30);
    assert_nothing_is_left(&records);
}

#[tokio::test]
async fn delete_all_leaves_nothing() {
    let records = filled(LONG);
    assert_eq!(records.delete_all().await, 30);
    assert_nothing_is_left(&records);
}

#[tokio::test]
async fn a_delete_all_that_is_cut_off_is_finished_by_later_writes() {
    let records = Records::new(Budget::new(1 << 20));
    for number in 0..300 {
        let _ = put(&records, number, Some("alice"), LONG);
    }
    {
        let mut cut_off = std::pin::pin!(records.delete_all());
        let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
        assert!(cut_off.as_mut().poll(context).is_pending());
    }
    assert_eq!((records.count(), records.list("alice").len()), (0, 0));
    for _ in 0..5 {
        let _ = put(&records, 999, None, LONG);
        assert!(records.delete(&key(999)));
    }
    assert_nothing_is_left(&records);
}

#[test]
fn moka_charges_what_an_update_in_place_would_keep() {
    let records = Records::new(Budget::new(1 << 20));
    let mut charges = std::collections::HashSet::new();
    for len in 0..1000 {
        let data = vec![7; len];
        let record = NewRecord::new(&data).owner(Some("alice"));
        let set = records.set(&key(0), &record, LONG, Precondition::Any);
        assert!(set.is_ok());
        records.cache.run_pending_tasks();
        let charge = u64::from(records.budget.charge_new(&record).unwrap());
        assert_eq!(records.cache.weighted_size(), charge);
        charges.insert(charge);
    }
    assert!((5..50).contains(&charges.len()), "{}", charges.len());
}

#[tokio::test]
async fn the_purge_of_a_record_that_moka_dropped_spares_its_successor() {
    let records = Records::new(Budget::new(1 << 20));
    let _ = put(&records, 0, Some("alice"), Ttl::MIN);
    // As an eviction does it, before the store has heard of it.
    let unheard = records.cache.get(&key(0)).unwrap();
    records.cache.invalidate(&key(0));
    assert_eq!(records.list("alice").len(), 0);
    let _ = put(&records, 0, Some("alice"), LONG);
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(records.list("alice").len(), 1);
    assert_eq!(records.purge(10).await, 1);
    assert!(records.get(&key(0)).is_some());
    drop(unheard);
    assert_eq!(
        (records.count(), records.delete_owner("alice", None)),
        (1, 1)
    );
    assert_nothing_is_left(&records);
}

/// Full of 30 small records of alice's, then one that leaves no room for them.
fn crowded_out(ttl: Ttl) -> Records {
    let records = filled(ttl);
    let large = [7; 1_000_000];
    let set = records.set(&key(99), &NewRecord::new(&large), LONG, Precondition::Any);
    assert!(set.is_ok());
    records
}

#[tokio::test]
async fn delete_all_counts_no_evicted_record() {
    let records = crowded_out(LONG);
    assert_eq!(records.delete_all().await, 1);
    assert_nothing_is_left(&records);
    assert_eq!(records.evicted(), 30);
}

#[test]
fn an_owner_who_signs_out_meets_no_evicted_record_and_leaves_none() {
    let records = filled(LONG);
    let slots: Vec<_> = (0..30).filter_map(|n| records.cache.get(&key(n))).collect();
    // As evictions do it, before the store has heard of them; a writer may have them still.
    records.cache.invalidate_all();
    assert_eq!(records.delete_owner("alice", None), 0);
    let lives = slots
        .iter()
        .filter(|slot| slot.state().life == crate::slot::Life::Living);
    assert_eq!(lives.count(), 20);
    drop(slots);
    assert_nothing_is_left(&records);
    assert_eq!(records.evicted(), 30);
}

#[test]
fn to_count_and_to_list_is_not_to_use() {
    let left = |ask: fn(&Records)| {
        // Room for some 300.
        let records = Records::new(Budget::new(200_000));
        for number in 0..100 {
            let _ = put(&records, number, Some("alice"), Ttl::MIN);
        }
        for number in 100..300 {
            let _ = put(&records, number, None, LONG);
        }
        std::thread::sleep(Duration::from_millis(2));
        for number in 300..350 {
            let _ = put(&records, number, None, LONG);
            ask(&records);
        }
        records.cache.run_pending_tasks();
        (100..350)
            .filter(|n| records.cache.contains_key(&key(*n)))
            .count()
    };
    assert_eq!(left(|records| assert!(records.count() > 0)), 250);
    assert_eq!(left(|records| drop(records.list("alice"))), 250);
}
