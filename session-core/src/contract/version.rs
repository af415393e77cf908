use rand::Rng as _;

/// Names one write of one record: what [`Precondition::Version`](crate::Precondition::Version)
/// compares.
///
/// Opaque: versions are equal or not, their order means nothing. A store gives every `set` a
/// version that this key never had before, not even in an earlier life that was deleted since;
/// [`Version::unique`] does that without asking the database.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Version(i64);

impl Version {
    /// A version that no other write has: 63 random bits.
    ///
    /// Two writes of one key share a version with a probability of 2⁻⁶³. It is not a secret, so
    /// it comes from the thread's generator and costs no system call.
    pub fn unique() -> Self {
        Self((rand::rng().next_u64() >> 1).cast_signed())
    }

    /// From the integer that a store has kept.
    pub const fn from_i64(version: i64) -> Self {
        Self(version)
    }

    /// The integer for a store to keep: any 64-bit signed column holds it.
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}
