use std::{cell::OnceCell, ops::Range};

use bytes::Bytes;

use super::{DecodeError, Format, json, msgpack};

/// A session's data as it was stored: the bytes, shared with the store, and where each entry lies
/// in them. Values are decoded when they are asked for, straight into the caller's type.
#[derive(Clone, Default)]
pub(crate) struct Document {
    format: Format,
    bytes: Held,
    entries: OnceCell<Vec<Entry>>,
}

/// Bytes as they came, since sharing those that were just written would cost an allocation.
#[derive(Clone)]
enum Held {
    Read(Bytes),
    Written(Vec<u8>),
}

#[derive(Clone)]
pub(super) struct Entry {
    key: Key,
    value: Span,
}

#[derive(Clone)]
enum Key {
    /// As it stands in the bytes.
    At(Span),
    /// As it reads once its escapes are resolved.
    Escaped(Box<str>),
}

/// A range that is `Copy` and takes eight bytes: no record is larger than `u32::MAX`.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

impl Document {
    /// Reads stored bytes of either form; those of the other one are turned into `format`.
    pub(crate) fn parse(bytes: Bytes, format: Format) -> Result<Self, DecodeError> {
        if u32::try_from(bytes.len()).is_err() {
            return Err(DecodeError::MALFORMED);
        }
        let stored = Format::detect(&bytes).ok_or(DecodeError::MALFORMED)?;
        let bytes = if stored == format {
            bytes
        } else {
            // The outline is read first: transcoding stops at the end of the first value.
            Self::outline(&bytes, stored)?;
            format.transcode(&bytes)?.into()
        };
        let entries = OnceCell::from(Self::outline(&bytes, format)?);
        Ok(Self {
            format,
            bytes: Held::Read(bytes),
            entries,
        })
    }

    /// The bytes that [`encode_map`] made. Read only if someone asks, as after most commits no one
    /// does.
    pub(crate) fn written(bytes: Vec<u8>, format: Format) -> Self {
        Self {
            format,
            bytes: Held::Written(bytes),
            entries: OnceCell::new(),
        }
    }

    /// The encoded value of a key.
    pub(crate) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        let mut entries = self.entries().iter();
        let entry = entries.find(|entry| self.key(entry) == key)?;
        Some(self.at(entry.value))
    }

    /// The keys, which are UTF-8, with their encoded values, in stored order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let entries = self.entries().iter();
        entries.map(|entry| (self.key(entry), self.at(entry.value)))
    }

    /// The number of entries.
    pub(crate) fn len(&self) -> usize {
        self.entries().len()
    }

    /// The number of bytes.
    pub(crate) fn size(&self) -> usize {
        self.bytes().len()
    }

    fn entries(&self) -> &[Entry] {
        self.entries.get_or_init(|| {
            // An empty document has no bytes at all, and no entries.
            Self::outline(self.bytes(), self.format).unwrap_or_default()
        })
    }

    fn outline(bytes: &[u8], format: Format) -> Result<Vec<Entry>, DecodeError> {
        match format {
            Format::MessagePack => msgpack::outline(bytes),
            Format::Json => json::outline(bytes),
        }
    }

    fn key<'a>(&'a self, entry: &'a Entry) -> &'a [u8] {
        match &entry.key {
            Key::At(span) => self.at(*span),
            Key::Escaped(key) => key.as_bytes(),
        }
    }

    fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Held::Read(bytes) => bytes,
            Held::Written(bytes) => bytes,
        }
    }

    fn at(&self, span: Span) -> &[u8] {
        self.bytes().get(span.range()).unwrap_or_default()
    }
}

/// Encodes a map of `count` keys, which are UTF-8, and encoded values.
pub(crate) fn encode_map<'a>(
    format: Format,
    entries: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    count: usize,
    capacity: usize,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(capacity);
    match format {
        Format::MessagePack => msgpack::write(entries, count, &mut out),
        Format::Json => json::write(entries, &mut out),
    }
    out
}

impl Default for Held {
    fn default() -> Self {
        Self::Written(Vec::new())
    }
}

impl Entry {
    pub(super) fn at(key: Range<usize>, value: Range<usize>) -> Self {
        Self {
            key: Key::At(Span::new(&key)),
            value: Span::new(&value),
        }
    }

    pub(super) fn escaped(key: Box<str>, value: Range<usize>) -> Self {
        Self {
            key: Key::Escaped(key),
            value: Span::new(&value),
        }
    }
}

impl Span {
    fn new(range: &Range<usize>) -> Self {
        let short = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            start: short(range.start),
            end: short(range.end),
        }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8], format: Format) -> Result<Document, DecodeError> {
        Document::parse(Bytes::copy_from_slice(bytes), format)
    }

    #[test]
    fn either_form_is_read_as_either_format() {
        let json = br#" {"a":[1,{"b":null}],"q\"\u00e9":"x"}"#;
        let json = &json[1..];
        let value: serde_json::Value = serde_json::from_slice(json).unwrap();
        let packed = Format::MessagePack.encode(&value).unwrap();
        for stored in [json, packed.as_slice()] {
            for format in [Format::Json, Format::MessagePack] {
                let document = parse(stored, format).unwrap();
                let entries: Vec<_> = document.iter().map(|(key, _)| key).collect();
                assert_eq!(entries, ["a".as_bytes(), "q\"é".as_bytes()]);
                for key in ["a", "q\"é"] {
                    let raw = document.get(key.as_bytes()).unwrap();
                    let decoded: serde_json::Value = format.decode(raw).unwrap();
                    assert_eq!(decoded, value[key]);
                }
                assert!(document.get(b"b").is_none());
            }
        }
    }

    #[test]
    fn every_truncation_and_any_trailing_byte_is_refused() {
        let map = std::collections::BTreeMap::from([("k", (1_u8, "text", vec![1.5_f64; 3]))]);
        for stored in [Format::Json, Format::MessagePack] {
            let mut bytes = stored.encode(&map).unwrap();
            for format in [Format::Json, Format::MessagePack] {
                assert!(parse(&bytes, format).is_ok());
                for end in 0..bytes.len() {
                    assert!(parse(&bytes[..end], format).is_err(), "{stored:?} {end}");
                }
            }
            bytes.push(0);
            assert!(parse(&bytes, stored).is_err());
        }
    }

    #[test]
    fn hostile_maps_are_refused_without_making_room_or_recursing() {
        let lying = [0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, b'k'];
        assert!(parse(&lying, Format::MessagePack).is_err());
        let mut deep = vec![0x81, 0xa1, b'k'];
        deep.resize(1_000_000, 0x91);
        assert!(parse(&deep, Format::MessagePack).is_err());
        assert!(parse(&deep, Format::Json).is_err());
        deep.push(0xc0);
        let document = parse(&deep, Format::MessagePack).unwrap();
        let raw = document.get(b"k").unwrap();
        assert!(
            Format::MessagePack
                .decode::<serde_json::Value>(raw)
                .is_err()
        );
        assert!(parse(&deep, Format::Json).is_err());
        for bad in [
            &b""[..],
            b"\xc1",
            b"null",
            b"[]",
            b"\x93",
            b"{\"a\":}",
            b"\x81\x01\x02",
        ] {
            assert!(parse(bad, Format::MessagePack).is_err(), "{bad:?}");
            assert!(parse(bad, Format::Json).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_written_map_reads_back() {
        for format in [Format::Json, Format::MessagePack] {
            let one = format.encode(&1).unwrap();
            let text = format.encode("\"x\"").unwrap();
            let cookie = "\u{1F36A}\"\n".as_bytes();
            let entries = [(&b""[..], one.as_slice()), (cookie, text.as_slice())];
            let bytes = encode_map(format, entries.into_iter(), 2, 0);
            let written = Document::written(bytes.clone(), format);
            assert_eq!(written.get(cookie), Some(text.as_slice()));
            let document = parse(&bytes, format).unwrap();
            assert_eq!(document.get(b""), Some(one.as_slice()));
            assert_eq!(document.get(cookie), Some(text.as_slice()));
        }
    }
}
