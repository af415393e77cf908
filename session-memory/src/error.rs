/// The configuration of a [`MemoryStore`](crate::MemoryStore) cannot work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryStoreConfigError {
    /// `max_bytes` has no room for a single record, not even one without data.
    #[error("max_bytes is {max_bytes}, but one empty record takes {least}")]
    NoRoom {
        /// What was asked for.
        max_bytes: u64,
        /// The least that works.
        least: u64,
    },
}
