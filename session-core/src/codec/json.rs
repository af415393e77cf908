//! Reads the outline of a JSON object (keys, and where each value lies) without decoding a value,
//! and writes one from encoded values.

use std::{borrow::Cow, fmt, ops::Range};

use serde::{
    Deserialize, Deserializer as _,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{DecodeError, document::Entry};

/// The entries of an object that fills all of `bytes`.
pub(super) fn outline(bytes: &[u8]) -> Result<Vec<Entry>, DecodeError> {
    let text = str::from_utf8(bytes).map_err(DecodeError::new)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let entries = deserializer
        .deserialize_map(Outline { text })
        .map_err(DecodeError::new)?;
    deserializer.end().map_err(DecodeError::new)?;
    Ok(entries)
}

struct Outline<'a> {
    text: &'a str,
}

/// A key as it stands in the text where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Visitor<'a> for Outline<'a> {
    type Value = Vec<Entry>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Vec<Entry>, A::Error> {
        let mut entries = Vec::new();
        while let Some((Name(name), value)) = map.next_entry::<Name<'a>, &RawValue>()? {
            let value = within(self.text, value.get());
            entries.push(match name {
                Cow::Borrowed(name) => Entry::at(within(self.text, name), value),
                Cow::Owned(name) => Entry::escaped(name.into(), value),
            });
        }
        Ok(entries)
    }
}

/// Where `part`, which was borrowed from `whole`, lies in it.
fn within(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - whole.as_ptr() as usize;
    start..start + part.len()
}

/// Writes an object of these keys and encoded values.
pub(super) fn write<'a>(entries: impl Iterator<Item = (&'a [u8], &'a [u8])>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, (key, value)) in entries.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        // A string always has a JSON form, and writing to a `Vec` cannot fail.
        let _ = serde_json::to_writer(&mut *out, &String::from_utf8_lossy(key));
        out.push(b':');
        out.extend_from_slice(value);
    }
    out.push(b'}');
}
