use std::{error::Error, fmt};

/// A value could not be turned into its stored form.
///
/// The serializer's message may quote the value, so it is in neither `Display`, `Debug` nor
/// `source`, where a logger would find it; [`detail`](Self::detail) has it.
pub struct EncodeError(Box<dyn Error + Send + Sync>);

/// Stored bytes could not be turned into the type that was asked for.
///
/// The deserializer's message may quote the value, so it is in neither `Display`, `Debug` nor
/// `source`, where a logger would find it; [`detail`](Self::detail) has it.
pub struct DecodeError(Option<Box<dyn Error + Send + Sync>>);

impl EncodeError {
    pub(crate) fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }

    /// What the serializer said. It may quote the value: keep it out of logs.
    pub fn detail(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl DecodeError {
    pub(crate) const MALFORMED: Self = Self(None);

    pub(crate) fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Some(source.into()))
    }

    /// What the deserializer said, if one was asked. It may quote the value: keep it out of logs.
    pub fn detail(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.0.as_deref()
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

impl Error for EncodeError {}

impl Error for DecodeError {}
