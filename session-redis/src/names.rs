use session_core::StoreKey;

/// What things are called in the database: `prefix` `s:` and the 32 bytes of a record's key, or `prefix` `o:`
/// and the SHA-1 of an owner in hexadecimal digits.
///
/// All names of a kind have the same length, so no prefix, however it looks, makes one store's
/// names pass for another's.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    record: Vec<u8>,
    index: Vec<u8>,
}

const SHA1_DIGITS: usize = 40;

impl Names {
    pub(crate) fn new(prefix: &[u8]) -> Self {
        Self {
            record: [prefix, b"s:"].concat(),
            index: [prefix, b"o:"].concat(),
        }
    }

    /// What begins a record's name.
    pub(crate) fn records(&self) -> &[u8] {
        &self.record
    }

    /// What begins the name of an owner's index.
    pub(crate) fn indexes(&self) -> &[u8] {
        &self.index
    }

    pub(crate) fn record(&self, key: &StoreKey) -> Vec<u8> {
        [self.record.as_slice(), key.as_bytes()].concat()
    }

    pub(crate) fn index(&self, owner: &[u8]) -> Vec<u8> {
        let digest = sha1_smol::Sha1::from(owner).digest().to_string();
        [self.index.as_slice(), digest.as_bytes()].concat()
    }

    /// The pattern for `SCAN` that all records match, and others may.
    pub(crate) fn record_pattern(&self) -> Vec<u8> {
        pattern(&self.record, StoreKey::LEN)
    }

    /// The pattern for `SCAN` that all indexes match, and others may.
    pub(crate) fn index_pattern(&self) -> Vec<u8> {
        pattern(&self.index, SHA1_DIGITS)
    }

    /// The key of the record of this name, if it is one.
    pub(crate) fn key(&self, name: &[u8]) -> Option<StoreKey> {
        let key = name.strip_prefix(self.record.as_slice())?;
        StoreKey::try_from(key).ok()
    }

    /// Whether this is the name of an owner's index.
    pub(crate) fn is_index(&self, name: &[u8]) -> bool {
        name.strip_prefix(self.index.as_slice())
            .is_some_and(|digits| {
                digits.len() == SHA1_DIGITS && digits.iter().all(u8::is_ascii_hexdigit)
            })
    }
}

/// So many characters after this beginning, in which nothing has a meaning of its own.
fn pattern(start: &[u8], length: usize) -> Vec<u8> {
    let mut pattern = Vec::with_capacity(2 * start.len() + length);
    for byte in start {
        if matches!(byte, b'*' | b'?' | b'[' | b']' | b'\\' | b'^' | b'-') {
            pattern.push(b'\\');
        }
        pattern.push(*byte);
    }
    pattern.resize(pattern.len() + length, b'?');
    pattern
}
