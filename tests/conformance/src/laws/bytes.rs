//! B: what goes in comes back.

use std::sync::Arc;

use session_core::{NewRecord, Precondition, Store, StoreKey};

use crate::{
    Tested,
    steps::{LONG, Steps as _, key, owned},
};

/// B1: Empty data comes back.
pub async fn empty_data_comes_back(store: Tested<dyn Store>) {
    comes_back(&store, b"").await;
}

/// B2: NUL bytes come back, wherever they stand.
pub async fn nul_bytes_come_back(store: Tested<dyn Store>) {
    for data in [&b"\0"[..], b"\0\0", b"\0front", b"mid\0dle", b"end\0"] {
        comes_back(&store, data).await;
    }
}

/// B3: All 256 byte values come back.
pub async fn every_byte_value_comes_back(store: Tested<dyn Store>) {
    let every = (0..=u8::MAX).collect::<Vec<_>>();
    comes_back(&store, &every).await;
    let backwards = every.into_iter().rev().collect::<Vec<_>>();
    comes_back(&store, &backwards).await;
}

/// B4: A mebibyte comes back.
pub async fn a_mebibyte_comes_back(store: Tested<dyn Store>) {
    // 251 is a prime: no block of a power of two repeats, so a block out of place shows.
    let data = (0..1 << 20).map(|index| (index % 251) as u8);
    comes_back(&store, &data.collect::<Vec<_>>()).await;
}

/// B5: Bytes that read like a number, a text or a null stay the bytes that they are.
pub async fn bytes_that_read_like_values_stay_bytes(store: Tested<dyn Store>) {
    let values: [&[u8]; 8] = [
        b"007",
        b"1e3",
        b"0x10",
        b"null",
        b"\"quoted\"",
        b" spaced ",
        b"\\x41",
        b"\r\n",
    ];
    for data in values {
        comes_back(&store, data).await;
    }
}

/// B6: Keys that differ in a single bit stay apart.
pub async fn keys_one_bit_apart_stay_apart(store: Tested<dyn Store>) {
    let first = *key("base").as_bytes();
    let mut keys = vec![first, [0; StoreKey::LEN], [u8::MAX; StoreKey::LEN]];
    for byte in 0..StoreKey::LEN {
        let mut near = first;
        near[byte] ^= 1 << (byte % 8);
        keys.push(near);
    }
    for bytes in &keys {
        store.put(&StoreKey::from_bytes(*bytes), bytes).await;
    }
    for bytes in &keys {
        let record = store.found(&StoreKey::from_bytes(*bytes)).await;
        assert_eq!(record.data, bytes[..]);
    }
}

/// B7: The owner comes back, in any script; none comes back as none.
pub async fn the_owner_comes_back(store: Tested<dyn Store>) {
    let key = key("owned");
    let owners = [
        "ada",
        "Žofie 张伟 🦀",
        "e\u{301}",
        "a'b\"c\\d",
        "%_*?[]{}:;--",
        " padded ",
    ];
    for owner in owners {
        store.put_owned(&key, owner).await;
        assert_eq!(store.found(&key).await.owner.as_deref(), Some(owner));
    }
    store.put(&key, b"x").await;
    assert_eq!(store.found(&key).await.owner, None);
}

/// B8: An owner of the empty text is an owner, not none.
pub async fn an_empty_owner_is_an_owner(store: Tested<dyn Store>) {
    let key = key("owned by the empty text");
    store.put_owned(&key, "").await;
    assert_eq!(store.found(&key).await.owner, Some(Arc::from("")));
}

/// Created, replaced and swapped in, the data is the same.
async fn comes_back(store: &Tested<dyn Store>, data: &[u8]) {
    let (key, record) = (key("bytes"), owned(data, "ada"));
    let version = store.write(&key, &record, LONG, Precondition::Any).await;
    assert!(store.found(&key).await.data == data, "after the first set");
    let record = NewRecord::new(data);
    let swap = Precondition::Version(version);
    store.write(&key, &record, LONG, swap).await;
    assert!(store.found(&key).await.data == data, "after a swap");
}
