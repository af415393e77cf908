use std::{error::Error, fmt};

/// A fault of the store: it could not be reached, did not answer in time, or answered nonsense.
///
/// A missing record, a lost compare and swap and a deleted session are no faults; they have their
/// own answers. One type serves every store, so that a caller decides by [`kind`](Self::kind) and
/// never by text; the driver's own error stays reachable through [`Error::source`]. Neither the
/// message nor `Debug` of this type holds a session's ID, key or data; a store that puts a
/// driver's error in makes sure that the driver keeps to that too.
pub struct StoreError(Box<Inner>);

struct Inner {
    kind: StoreErrorKind,
    operation: Operation,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What went wrong, as far as a caller can act on it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store could not be reached, or refused to serve. Trying again later may help.
    Unavailable,
    /// No answer in time. The operation may or may not have happened.
    Timeout,
    /// What is stored cannot be what was written.
    Corrupt,
    /// The record is larger than the store takes.
    TooLarge,
    /// Anything else.
    Other,
}

/// The operation that failed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Operation {
    /// [`Store::get`](crate::Store::get)
    Get,
    /// [`Store::set`](crate::Store::set)
    Set,
    /// [`Store::delete`](crate::Store::delete)
    Delete,
    /// [`Store::expire`](crate::Store::expire)
    Expire,
    /// [`Store::rename`](crate::Store::rename)
    Rename,
    /// [`Store::exists`](crate::Store::exists)
    Exists,
    /// [`Store::ttl`](crate::Store::ttl)
    Ttl,
    /// [`Maintain::purge_expired`](crate::Maintain::purge_expired)
    PurgeExpired,
    /// [`Maintain::delete_all`](crate::Maintain::delete_all)
    DeleteAll,
    /// [`Maintain::count`](crate::Maintain::count)
    Count,
    /// [`OwnerIndex::list`](crate::OwnerIndex::list)
    List,
    /// [`OwnerIndex::delete_owner`](crate::OwnerIndex::delete_owner)
    DeleteOwner,
    /// Connecting to the store, or making its tables.
    Open,
}

impl StoreError {
    /// A fault without a cause of its own.
    pub fn new(kind: StoreErrorKind, operation: Operation) -> Self {
        Self(Box::new(Inner {
            kind,
            operation,
            source: None,
        }))
    }

    /// The same fault with the driver's error that caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> StoreErrorKind {
        self.0.kind
    }

    /// What the store was asked to do.
    pub fn operation(&self) -> Operation {
        self.0.operation
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreError")
            .field("kind", &self.0.kind)
            .field("operation", &self.0.operation)
            .field("source", &self.0.source)
            .finish()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.0.kind {
            StoreErrorKind::Unavailable => "the store is unavailable",
            StoreErrorKind::Timeout => "the store did not answer in time",
            StoreErrorKind::Corrupt => "what is stored is corrupt",
            StoreErrorKind::TooLarge => "the record is too large for the store",
            StoreErrorKind::Other => "the store failed",
        };
        write!(f, "{what} ({})", self.0.operation)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_ref().map(|source| {
            let source: &(dyn Error + 'static) = source.as_ref();
            source
        })
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "get",
            Self::Set => "set",
            Self::Delete => "delete",
            Self::Expire => "expire",
            Self::Rename => "rename",
            Self::Exists => "exists",
            Self::Ttl => "ttl",
            Self::PurgeExpired => "purge_expired",
            Self::DeleteAll => "delete_all",
            Self::Count => "count",
            Self::List => "list",
            Self::DeleteOwner => "delete_owner",
            Self::Open => "open",
        })
    }
}
