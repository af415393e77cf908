use session_core::NewRecord;

/// What a record costs besides its data: the slot and its lock, moka's nodes and table, the entry
/// in the deadline index, and the count that readers share the data by. `tests/memory_returns.rs`
/// holds it against the heap.
const ENTRY: u64 = 490;

/// What an owner costs besides the name: the entry in the owner index.
const OWNER: u64 = 120;

/// Charges records against the byte budget.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    max_bytes: u64,
}

impl Budget {
    /// The least that one record costs.
    pub(crate) const MIN: u64 = ENTRY;

    pub(crate) const fn new(max_bytes: u64) -> Self {
        Self { max_bytes }
    }

    pub(crate) const fn max_bytes(self) -> u64 {
        self.max_bytes
    }

    /// The charge for a new record; `None` if it exceeds the budget.
    pub(crate) fn charge_new(self, record: &NewRecord<'_>) -> Option<u32> {
        self.charge(record.data.len(), record.owner.map(str::len))
    }

    /// The charge for so much data and an owner's name of that length; `None` if it exceeds the
    /// budget, or 4 GiB.
    ///
    /// Rounded up to a sixteenth of the next power of two, so that a session that grows by a few
    /// bytes mostly costs the same and can be replaced where it lies.
    pub(crate) fn charge(self, data: usize, owner: Option<usize>) -> Option<u32> {
        let bytes = |len: usize| u64::try_from(len).unwrap_or(u64::MAX);
        let owner = owner.map_or(0, |name| bytes(name).saturating_add(OWNER));
        let exact = bytes(data).saturating_add(ENTRY).saturating_add(owner);
        let most = self.max_bytes.min(u64::from(u32::MAX));
        if exact > most {
            return None;
        }
        let step = exact.next_power_of_two() / 16;
        u32::try_from(exact.next_multiple_of(step).min(most)).ok()
    }

    /// Whether a record of this charge is so large that the store must make room at once instead
    /// of collecting 64 writes first.
    pub(crate) fn is_large(self, charge: u32) -> bool {
        u64::from(charge) > self.max_bytes / 1024
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget::new(1 << 40);

    #[test]
    fn a_charge_is_never_less_than_the_size_and_at_most_an_eighth_more() {
        for data in (0..4096).chain([1 << 20, (1 << 20) + 1, 123_456_789]) {
            let exact = ENTRY + u64::try_from(data).unwrap();
            let charge = u64::from(BUDGET.charge(data, None).unwrap());
            assert!(
                charge >= exact && charge <= exact + exact / 8,
                "{data}: {charge}"
            );
        }
    }

    #[test]
    fn an_owner_is_charged() {
        assert!(BUDGET.charge(1000, Some(100)) > BUDGET.charge(1000, None));
    }

    #[test]
    fn the_whole_budget_may_be_one_record_and_nothing_more() {
        let budget = Budget::new(10_000);
        let all = 10_000 - usize::try_from(ENTRY).unwrap();
        assert_eq!(budget.charge(all, None), Some(10_000));
        assert_eq!(budget.charge(all + 1, None), None);
        assert_eq!(budget.charge(usize::MAX, Some(usize::MAX)), None);
    }

    #[test]
    fn no_charge_reaches_beyond_32_bits() {
        assert_eq!(BUDGET.charge(1 << 33, None), None);
    }
}
