//! The new store's mark of a session that is about to move into it.

use std::time::Duration;

use crate::{
    NewRecord, Precondition, Record, SetOutcome, Store, StoreError, StoreKey, Ttl, Version,
};

/// How long a mark stays whose move was cut off. Longer than a move takes, which ends with its time to
/// answer.
const PATIENCE: u64 = 10_000;
/// Random, and no beginning of anything that a session stores: no MessagePack begins with 0xC1, no JSON
/// and no encryption either.
const MARK: [u8; 24] = [
    0xC1, 0x9E, 0x1B, 0x52, 0x7D, 0xE4, 0x08, 0xA3, 0x36, 0xF0, 0x6C, 0xD9, 0x2A, 0x85, 0x4F, 0xB7,
    0x13, 0xEE, 0x61, 0x9C, 0x04, 0xBA, 0x77, 0x58,
];

/// What the new store has.
pub(super) enum Found {
    Nothing,
    /// A session that is about to move; the old store still says what it holds.
    Pending,
    Moved(Record),
}

pub(super) async fn find(new: &impl Store, key: &StoreKey) -> Result<Found, StoreError> {
    Ok(match new.get(key).await? {
        None => Found::Nothing,
        Some(record) if is_mark(&record) => Found::Pending,
        Some(record) => Found::Moved(record),
    })
}

pub(super) fn is_mark(record: &Record) -> bool {
    record.data == MARK.as_slice()
}

/// Marks a session that is nowhere in the new store. `None` if it is there, or marked by somebody else.
/// With its owner, so that whoever ends all sessions of the owner ends this move.
pub(super) async fn mark(
    new: &impl Store,
    key: &StoreKey,
    session: &Record,
) -> Result<Option<Version>, StoreError> {
    let patience = Ttl::try_from(Duration::from_millis(PATIENCE)).unwrap_or(Ttl::MAX);
    let record = NewRecord::new(&MARK)
        .owner(session.owner.as_deref())
        .created_at(Some(session.created_at));
    match new
        .set(key, &record, patience, Precondition::Absent)
        .await?
    {
        SetOutcome::Stored(version) => Ok(Some(version)),
        SetOutcome::Conflict | SetOutcome::Missing => Ok(None),
    }
}

/// Takes the mark away again, if it is still that one.
pub(super) async fn unmark(
    new: &impl Store,
    key: &StoreKey,
    mark: Version,
) -> Result<(), StoreError> {
    let record = NewRecord::new(&MARK);
    let outcome = new.set(key, &record, Ttl::MIN, Precondition::Version(mark));
    outcome.await.map(|_: SetOutcome| ())
}
