use serde::{Serialize, de::DeserializeOwned};

use super::{DecodeError, EncodeError};

/// How deep values may nest, so that hostile bytes cannot exhaust the stack.
pub(crate) const MAX_DEPTH: usize = 128;

/// The form in which a session's data is stored: one plain map from keys to values, which any
/// other language can read.
///
/// A reader tells the forms apart by the first byte, so the format can be switched while sessions
/// are alive: each record changes its form when it is next written. Types with a text form (UUIDs,
/// IP addresses, dates) are stored as text in both.
///
/// What a switch cannot carry over is what JSON has no form for: NaN and the infinities, integers
/// of more than 64 bits, and maps whose keys are not text (numbers as keys are read from
/// MessagePack, but not back; a record with other keys is undecodable as JSON).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
#[non_exhaustive]
pub enum Format {
    /// A MessagePack map with string keys; structs are maps by field name. The default: compact
    /// and quick to search.
    #[default]
    MessagePack,
    /// A JSON object (RFC 8259). Bytes become arrays of numbers.
    Json,
}

impl Format {
    /// Encodes one value straight from the caller's type.
    pub(crate) fn encode<T: Serialize + ?Sized>(self, value: &T) -> Result<Vec<u8>, EncodeError> {
        let mut encoded = Vec::with_capacity(32);
        match self {
            Self::MessagePack => {
                let mut serializer = rmp_serde::Serializer::new(&mut encoded)
                    .with_struct_map()
                    .with_human_readable();
                value.serialize(&mut serializer).map_err(EncodeError::new)?;
            }
            Self::Json => {
                serde_json::to_writer(&mut encoded, value).map_err(EncodeError::new)?;
            }
        }
        Ok(encoded)
    }

    /// Decodes one value straight into the caller's type.
    pub(crate) fn decode<T: DeserializeOwned>(self, encoded: &[u8]) -> Result<T, DecodeError> {
        match self {
            Self::MessagePack => {
                let mut deserializer =
                    rmp_serde::Deserializer::from_read_ref(encoded).with_human_readable();
                deserializer.set_max_depth(MAX_DEPTH);
                T::deserialize(&mut deserializer).map_err(DecodeError::new)
            }
            Self::Json => serde_json::from_slice(encoded).map_err(DecodeError::new),
        }
    }

    /// The form that these bytes are in, by their first one. `None` if in neither.
    pub(crate) fn detect(bytes: &[u8]) -> Option<Self> {
        match bytes.first()? {
            b'{' => Some(Self::Json),
            0x80..=0x8f | 0xde | 0xdf => Some(Self::MessagePack),
            _ => None,
        }
    }

    /// The same map in the other form, without a tree of values in between.
    pub(crate) fn transcode(self, bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let mut out = Vec::with_capacity(bytes.len());
        match self {
            Self::Json => {
                let mut from = rmp_serde::Deserializer::from_read_ref(bytes).with_human_readable();
                from.set_max_depth(MAX_DEPTH);
                let mut to = serde_json::Serializer::new(&mut out);
                serde_transcode::transcode(&mut from, &mut to).map_err(DecodeError::new)?;
            }
            Self::MessagePack => {
                let mut from = serde_json::Deserializer::from_slice(bytes);
                let mut to = rmp_serde::Serializer::new(&mut out)
                    .with_struct_map()
                    .with_human_readable();
                serde_transcode::transcode(&mut from, &mut to).map_err(DecodeError::new)?;
                from.end().map_err(DecodeError::new)?;
            }
        }
        Ok(out)
    }
}
