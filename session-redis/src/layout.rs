//! What is stored under a record's name. All numbers are big-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the version of this layout, 1 |
//! | 1 | the state: 0 living; 1 reserved, 2 moved (only in a cluster, while a record changes its name) |
//! | 8 | the version of the record |
//! | 8 | when it began, milliseconds since 1970 |
//! | 8 | when it expires, milliseconds since 1970; the server's own expiry decides |
//! | 8 | until when its owner's index is sure to hold it; 0 without an owner |
//! | 8 | the claim under which that index holds it; 0 without an owner |
//! | 2 | the length of the owner plus one; 0 without an owner |
//! | n | the owner |
//! | m | the data; of a moved record, the key that it moved to |
//! | 48 | of a reserved record: the key that it comes from, the version there, until when to decide |

use bytes::{Buf as _, Bytes};
use session_core::{NewRecord, StoreKey, Version};

pub(crate) const HEADER: usize = 44;
/// What follows the data of a reserved record.
const ORIGIN: usize = 48;
const LAYOUT: u8 = 1;
/// An owner may be so long, in bytes.
pub(crate) const LONGEST_OWNER: usize = 65_000;
/// A value may be so large, in bytes, unless the server is told otherwise (`proto-max-bulk-len`).
const LARGEST_VALUE: usize = 512 * 1024 * 1024;
/// What else an owner and a header take of it.
pub(crate) const LARGEST_DATA: usize = LARGEST_VALUE - LONGEST_OWNER - HEADER - ORIGIN;

/// What a value says.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Living(Living),
    /// Written, but for nobody to be seen until it is known whether the move came to pass.
    #[cfg_attr(
        not(feature = "cluster"),
        expect(dead_code, reason = "it is not asked further")
    )]
    Reserved(Reserved),
    /// It went to another key: there is nothing here.
    #[cfg_attr(
        not(feature = "cluster"),
        expect(dead_code, reason = "it is not asked further")
    )]
    Moved {
        version: [u8; 8],
        to: StoreKey,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Living {
    pub(crate) version: Version,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) owner: Option<Bytes>,
    pub(crate) data: Bytes,
}

#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "cluster"),
    expect(dead_code, reason = "it is not asked further")
)]
pub(crate) struct Reserved {
    pub(crate) version: [u8; 8],
    pub(crate) from: StoreKey,
    pub(crate) version_there: [u8; 8],
    pub(crate) deadline: i64,
}

/// The value cannot have been written by this store.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the value is not a record of this store, or of another version of it")]
pub(crate) struct Unreadable;

/// Reads a value. The data is a part of it, not a copy.
pub(crate) fn read(value: &Bytes) -> Result<Value, Unreadable> {
    if value.len() < HEADER || value[0] != LAYOUT {
        return Err(Unreadable);
    }
    let state = value[1];
    let mut rest = value.slice(2..);
    let version = rest.get_i64();
    let created_at = rest.get_i64();
    let expires_at = rest.get_i64();
    rest.advance(16);
    let owner = match usize::from(rest.get_u16()) {
        0 => None,
        length if length - 1 <= rest.len() => Some(rest.split_to(length - 1)),
        _ => return Err(Unreadable),
    };
    match state {
        0 => Ok(Value::Living(Living {
            version: Version::from_i64(version),
            created_at,
            expires_at,
            owner,
            data: rest,
        })),
        1 if rest.len() >= ORIGIN => {
            rest.advance(rest.len() - ORIGIN);
            Ok(Value::Reserved(Reserved {
                version: version.to_be_bytes(),
                from: key(&rest.split_to(StoreKey::LEN))?,
                version_there: rest.get_i64().to_be_bytes(),
                deadline: rest.get_i64(),
            }))
        }
        2 => Ok(Value::Moved {
            version: version.to_be_bytes(),
            to: key(&rest)?,
        }),
        _ => Err(Unreadable),
    }
}

fn key(bytes: &[u8]) -> Result<StoreKey, Unreadable> {
    StoreKey::try_from(bytes).map_err(|_| Unreadable)
}

/// What a living record of this version begins with.
pub(crate) fn start(version: Version) -> [u8; 10] {
    let mut start = [0; 10];
    start[0] = LAYOUT;
    start[2..].copy_from_slice(&version.as_i64().to_be_bytes());
    start
}

/// The owner as scripts take it: with its length before it.
pub(crate) fn owner(record: &NewRecord<'_>) -> Vec<u8> {
    owner_block(record.owner)
}

pub(crate) fn owner_block(owner: Option<&str>) -> Vec<u8> {
    let Some(owner) = owner else {
        return vec![0, 0];
    };
    let mut block = Vec::with_capacity(2 + owner.len());
    // It was seen to fit.
    let length = u16::try_from(owner.len() + 1).unwrap_or(u16::MAX);
    block.extend_from_slice(&length.to_be_bytes());
    block.extend_from_slice(owner.as_bytes());
    block
}

/// When the record began, as scripts take it.
pub(crate) fn created_at(record: &NewRecord<'_>) -> Vec<u8> {
    let at = record
        .created_at
        .map(|at| at.as_unix_millis().to_be_bytes());
    at.map(Vec::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_a_record_or_unreadable() {
        let mut value = vec![LAYOUT, 0];
        value.extend([0; 40]);
        value.extend([0, 3, b'm', b'e']);
        value.extend(b"data");
        let Ok(Value::Living(living)) = read(&Bytes::from(value.clone())) else {
            panic!("it is living");
        };
        assert_eq!(living.owner.as_deref(), Some(&b"me"[..]));
        assert_eq!(living.data, "data");
        for length in 0..value.len() {
            for state in 0..4 {
                let mut cut = value[..length].to_vec();
                if let Some(at) = cut.get_mut(1) {
                    *at = state;
                }
                // It must not panic.
                let _ = read(&Bytes::from(cut));
            }
        }
        value[42] = 0xff;
        assert!(read(&Bytes::from(value)).is_err());
        assert!(read(&Bytes::from_static(&[2; 64])).is_err());
    }
}
