/// When the record of a new session comes into being.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum Creation {
    /// With the first value: a visitor whose session stays empty is never stored. The default.
    #[default]
    Lazy,
    /// With the first request that loads the session, empty or not; emptied ones stay then.
    Eager,
}

/// What becomes of a stored session whose last value was removed and that has no owner.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum Emptied {
    /// The record is deleted and the client's token removed. The default.
    #[default]
    Delete,
    /// The record stays, under the same ID.
    Keep,
}

/// What becomes of the changes of a request that ends in a server error (5xx).
///
/// A `destroy` is carried out in any case: a failing page must not keep a user signed in.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum OnServerError {
    /// They are dropped; the session stays as it was. The default.
    #[default]
    Discard,
    /// They are stored.
    Commit,
}

/// What a session becomes whose stored bytes cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum Undecodable {
    /// Absent: logged, counted, and the client starts anew under a new ID. The default.
    #[default]
    Absent,
    /// A [`StoreErrorKind::Corrupt`](crate::StoreErrorKind::Corrupt) error.
    Error,
}

/// What a request gets whose session cannot be loaded because the store fails.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum Outage {
    /// The error, which the HTTP layer answers with 503. The default.
    #[default]
    Fail,
    /// An anonymous session that can be read only: a request that changes it fails with the
    /// store's error, so that nothing empty is ever written over real data.
    AnonymousReadOnly,
}
