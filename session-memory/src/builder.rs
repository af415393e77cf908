use crate::{MemoryStore, MemoryStoreConfigError, cost::Budget};

/// Configures a [`MemoryStore`].
///
/// ```
/// use session_memory::{MemoryStore, MemoryStoreConfigError};
///
/// let store = MemoryStore::builder().max_bytes(64 << 20).build()?;
/// assert!(MemoryStore::builder().max_bytes(0).build().is_err());
/// # Ok::<(), MemoryStoreConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct MemoryStoreBuilder {
    max_bytes: u64,
}

impl MemoryStoreBuilder {
    /// 256 MiB.
    pub(crate) const DEFAULT_MAX_BYTES: u64 = 256 << 20;

    pub(crate) const fn new() -> Self {
        Self {
            max_bytes: Self::DEFAULT_MAX_BYTES,
        }
    }

    /// How much memory the records may take, in bytes; 256 MiB unless set.
    ///
    /// Each record is charged for its data, its owner's name and what the store keeps beside
    /// them, rounded up by an eighth at most: see [the crate's page](crate#the-byte-budget).
    pub const fn max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// The store.
    ///
    /// # Errors
    /// [`NoRoom`](MemoryStoreConfigError::NoRoom) if `max_bytes` is zero, or too small for even
    /// one record without data.
    pub fn build(self) -> Result<MemoryStore, MemoryStoreConfigError> {
        let (max_bytes, least) = (self.max_bytes, Budget::MIN);
        if max_bytes < least {
            return Err(MemoryStoreConfigError::NoRoom { max_bytes, least });
        }
        Ok(MemoryStore::with_budget(Budget::new(max_bytes)))
    }
}

impl Default for MemoryStoreBuilder {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_without_room_for_one_record_is_refused() {
        for max_bytes in [0, 1, Budget::MIN - 1] {
            let refused = MemoryStore::builder().max_bytes(max_bytes).build();
            let least = Budget::MIN;
            let no_room = MemoryStoreConfigError::NoRoom { max_bytes, least };
            assert_eq!(refused.unwrap_err(), no_room);
        }
        assert!(
            MemoryStore::builder()
                .max_bytes(Budget::MIN)
                .build()
                .is_ok()
        );
    }

    #[test]
    fn any_larger_budget_is_accepted() {
        assert!(MemoryStore::builder().max_bytes(u64::MAX).build().is_ok());
    }
}
