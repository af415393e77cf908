//! Whether a table is there, and is one that the migrations make.

use session_core::{Operation, StoreError, StoreErrorKind};

use crate::table::TableName;

/// What the store needs of its table, in the words of [`check`]'s facts.
pub(crate) struct Wanted {
    /// What no migration adds to a table that is there without it.
    pub(crate) in_it: Vec<String>,
    /// What one adds.
    pub(crate) beside_it: Vec<String>,
}

/// What a table of the store's must not have, in the same words. An owner's second session would be refused on
/// PostgreSQL, and on MySQL be written over the first without a word.
const ONE_EACH: &str = "unique index on user_id";

/// Whether nothing is left to be made, by what the database says of the table: a line for each column and so
/// on, and none for a column if there is no table.
///
/// # Errors
/// `Other`, if this is somebody else's table, or a half of one.
pub(crate) fn check(
    table: &TableName,
    facts: &[String],
    wanted: &Wanted,
) -> Result<bool, StoreError> {
    // Its columns are looked for first. Others may be making it at this moment, and have by the next look.
    if !facts.iter().any(|fact| fact.starts_with("column ")) {
        return Ok(false);
    }
    refuse_one_each(table, facts)?;
    let lack = wanted.in_it.iter().find(|fact| !facts.contains(fact));
    match lack {
        Some(lack) => Err(foreign(table, lack)),
        None => Ok(wanted.beside_it.iter().all(|fact| facts.contains(fact))),
    }
}

/// The same after the migrations have run: then it must be there, whole.
pub(crate) fn check_made(
    table: &TableName,
    facts: &[String],
    wanted: &Wanted,
) -> Result<(), StoreError> {
    refuse_one_each(table, facts)?;
    let mut all = wanted.in_it.iter().chain(&wanted.beside_it);
    match all.find(|fact| !facts.contains(fact)) {
        Some(lack) => Err(foreign(table, lack)),
        None => Ok(()),
    }
}

fn refuse_one_each(table: &TableName, facts: &[String]) -> Result<(), StoreError> {
    if !facts.iter().any(|fact| fact == ONE_EACH) {
        return Ok(());
    }
    let says = format!(
        "sessions of one owner would stand in each other's way in the table {table}: it has a {ONE_EACH}"
    );
    Err(StoreError::new(StoreErrorKind::Other, Operation::Open).with_source(says))
}

fn foreign(table: &TableName, lack: &str) -> StoreError {
    let says = format!(
        "the table {table} is not one that the migrations make, or this user may not see it: it has no {lack}"
    );
    StoreError::new(StoreErrorKind::Other, Operation::Open).with_source(says)
}
