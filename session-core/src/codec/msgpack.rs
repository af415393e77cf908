//! Reads the outline of a MessagePack map (keys, and where each value lies) without decoding a
//! value, and writes one from encoded values.

use rmp::Marker;

use super::{DecodeError, document::Entry};

/// The entries of a map that fills all of `bytes`.
pub(super) fn outline(bytes: &[u8]) -> Result<Vec<Entry>, DecodeError> {
    let mut rest = bytes;
    let count = rmp::decode::read_map_len(&mut rest).map_err(|_| DecodeError::MALFORMED)?;
    let count = usize::try_from(count).map_err(|_| DecodeError::MALFORMED)?;
    // An entry takes at least two bytes: a lying count is refused before room is made for it.
    if count > rest.len() / 2 {
        return Err(DecodeError::MALFORMED);
    }
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        let (key, after) = text(rest).ok_or(DecodeError::MALFORMED)?;
        let key_end = bytes.len() - after.len();
        let length = value_length(after).ok_or(DecodeError::MALFORMED)?;
        entries.push(Entry::at(
            key_end - key.len()..key_end,
            key_end..key_end + length,
        ));
        rest = after.get(length..).ok_or(DecodeError::MALFORMED)?;
    }
    if rest.is_empty() {
        Ok(entries)
    } else {
        Err(DecodeError::MALFORMED)
    }
}

/// The text at the beginning, and what comes after it.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (text, after) = match bytes {
        // Nearly every key: short, and ASCII.
        [marker @ 0xa0..=0xbf, rest @ ..] => rest.split_at_checked(usize::from(marker & 0x1f))?,
        _ => {
            let (text, after) = rmp::decode::read_str_from_slice(bytes).ok()?;
            (text.as_bytes(), after)
        }
    };
    (text.is_ascii() || str::from_utf8(text).is_ok()).then_some((text, after))
}

/// The length of the first value. Iterative, so that no nesting can exhaust the stack.
fn value_length(bytes: &[u8]) -> Option<usize> {
    let mut position = 0_usize;
    let mut pending = 1_u64;
    while pending > 0 {
        let marker = Marker::from_u8(*bytes.get(position)?);
        position += 1;
        let (payload, children) = payload(marker, bytes.get(position..)?)?;
        position = position.checked_add(payload)?;
        if position > bytes.len() {
            return None;
        }
        pending = (pending - 1).checked_add(children)?;
    }
    Some(position)
}

/// How many bytes belong to the value behind its marker, and how many values it holds.
fn payload(marker: Marker, rest: &[u8]) -> Option<(usize, u64)> {
    let sized = |width: usize| -> Option<usize> {
        let mut length = 0_usize;
        for byte in rest.get(..width)? {
            length = (length << 8) | usize::from(*byte);
        }
        Some(length)
    };
    let bytes = |width: usize, extra: usize| {
        let length = sized(width)?.checked_add(width + extra)?;
        Some((length, 0))
    };
    let values = |width: usize, each: u64| {
        let count = u64::try_from(sized(width)?).ok()?;
        Some((width, count * each))
    };
    match marker {
        Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::True | Marker::False => {
            Some((0, 0))
        }
        Marker::U8 | Marker::I8 => Some((1, 0)),
        Marker::U16 | Marker::I16 | Marker::FixExt1 => Some((2, 0)),
        Marker::FixExt2 => Some((3, 0)),
        Marker::U32 | Marker::I32 | Marker::F32 => Some((4, 0)),
        Marker::FixExt4 => Some((5, 0)),
        Marker::U64 | Marker::I64 | Marker::F64 => Some((8, 0)),
        Marker::FixExt8 => Some((9, 0)),
        Marker::FixExt16 => Some((17, 0)),
        Marker::FixStr(length) => Some((usize::from(length), 0)),
        Marker::FixArray(count) => Some((0, u64::from(count))),
        Marker::FixMap(count) => Some((0, u64::from(count) * 2)),
        Marker::Str8 | Marker::Bin8 => bytes(1, 0),
        Marker::Str16 | Marker::Bin16 => bytes(2, 0),
        Marker::Str32 | Marker::Bin32 => bytes(4, 0),
        Marker::Ext8 => bytes(1, 1),
        Marker::Ext16 => bytes(2, 1),
        Marker::Ext32 => bytes(4, 1),
        Marker::Array16 => values(2, 1),
        Marker::Array32 => values(4, 1),
        Marker::Map16 => values(2, 2),
        Marker::Map32 => values(4, 2),
        Marker::Reserved => None,
    }
}

/// Writes a map of these keys and encoded values. Writing to a `Vec` cannot fail.
pub(super) fn write<'a>(
    entries: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    count: usize,
    out: &mut Vec<u8>,
) {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let _ = rmp::encode::write_map_len(out, count);
    for (key, value) in entries {
        let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
        let _ = rmp::encode::write_str_len(out, length);
        out.extend_from_slice(key);
        out.extend_from_slice(value);
    }
}
