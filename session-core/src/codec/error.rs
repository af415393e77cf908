use std::{error::Error, fmt};

/// A value could not be turned into its stored form.
///
/// The serializer's message is not kept in `Display`, since it may quote the value.
pub struct EncodeError(Box<dyn Error + Send + Sync>);

/// Stored bytes could not be turned into the type that was asked for.
///
/// The deserializer's message is not kept in `Display`, since it may quote the value.
pub struct DecodeError(Option<Box<dyn Error + Send + Sync>>);

impl EncodeError {
    pub(crate) fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl DecodeError {
    pub(crate) const MALFORMED: Self = Self(None);

    pub(crate) fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Some(source.into()))
    }
}

impl fmt::Debug for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncodeError")
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecodeError")
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value cannot be encoded")
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored value is of another type, or malformed")
    }
}

impl Error for EncodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source: &(dyn Error + 'static) = self.0.as_ref();
        Some(source)
    }
}

impl Error for DecodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_ref().map(|source| {
            let source: &(dyn Error + 'static) = source.as_ref();
            source
        })
    }
}
