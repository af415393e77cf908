use std::{error::Error, fmt};

use rand::{TryRng as _, rngs::SysRng};

/// Where the random bytes of session IDs come from. Replaceable for hardware generators and for
/// tests; whatever replaces it must be unpredictable, since an ID that can be guessed is a session
/// that can be taken.
pub trait IdSource: Send + Sync + 'static {
    /// Fills all of `bytes`.
    ///
    /// # Errors
    /// [`IdError`] if there is no randomness to give. No ID is made then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), IdError>;
}

/// The operating system's generator: the default.
#[derive(Clone, Copy, Default, Debug)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to configure")]
pub struct OsIdSource;

impl IdSource for OsIdSource {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), IdError> {
        SysRng.try_fill_bytes(bytes).map_err(IdError::new)
    }
}

/// The source of session IDs failed.
pub struct IdError(Box<dyn Error + Send + Sync>);

impl IdError {
    /// With what caused it.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Debug for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IdError").field(&self.0).finish()
    }
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the source of session IDs failed")
    }
}

impl Error for IdError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source: &(dyn Error + 'static) = self.0.as_ref();
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_of_the_system_source_are_balanced_and_never_repeat() {
        let mut ones = 0;
        let mut seen = std::collections::HashSet::new();
        for _ in 0..4096 {
            let mut bytes = [0; 32];
            OsIdSource.fill(&mut bytes).unwrap();
            ones += bytes.iter().map(|byte| byte.count_ones()).sum::<u32>();
            assert!(seen.insert(bytes));
        }
        // 2^20 fair bits: 524 288 ± 512 (σ); eight σ are never left by chance.
        assert!((520_192..528_384).contains(&ones), "{ones}");
    }
}
