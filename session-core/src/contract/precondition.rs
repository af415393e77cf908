use super::Version;

/// What must hold for a [`set`](crate::Store::set) to happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every store must answer each of them; a fourth would be a new contract"
)]
pub enum Precondition {
    /// Nothing: create the record or replace it (upsert).
    Any,
    /// There is no living record (create). Of N concurrent creators exactly one wins.
    Absent,
    /// The living record still has this version (compare and swap). Of N concurrent writers of
    /// the same version exactly one wins.
    Version(Version),
}

/// What a [`set`](crate::Store::set) did. All three are normal answers, none is a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "a set that met a conflict has written nothing"]
#[expect(
    clippy::exhaustive_enums,
    reason = "callers must handle each of them; a fourth would be a new contract"
)]
pub enum SetOutcome {
    /// Written; the record has this version now.
    Stored(Version),
    /// Nothing written: the record exists (for [`Precondition::Absent`]) or has another version
    /// (for [`Precondition::Version`]).
    Conflict,
    /// Nothing written: there is no living record to compare with. Only
    /// [`Precondition::Version`] can end so.
    Missing,
}
