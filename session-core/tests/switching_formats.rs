//! The format can be switched while sessions are alive, back and forth.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use session_core::{Format, Key};

use crate::support::{SpyStore, Visitor, built};

/// Sixteen bytes that are text for people, as UUIDs are.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Uuid([u8; 16]);

impl Serialize for Uuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            let text: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
            serializer.serialize_str(&text)
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Uuid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        assert!(deserializer.is_human_readable(), "the same in both formats");
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 16];
        for (n, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(n * 2..n * 2 + 2).unwrap_or_default();
            *byte = u8::from_str_radix(digits, 16).map_err(de::Error::custom)?;
        }
        Ok(Self(bytes))
    }
}

/// Bytes that are written as bytes where the format has them.
#[derive(Clone, PartialEq, Debug)]
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

struct BytesVisitor;

impl<'de> de::Visitor<'de> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Bytes(bytes.to_vec()))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = seq.next_element()? {
            bytes.push(byte);
        }
        Ok(Bytes(bytes))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(BytesVisitor)
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
enum Role {
    Guest,
    Member(u32),
    Admin { level: i8, groups: Vec<String> },
    Pair(u8, char),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Everything {
    id: Uuid,
    picture: Bytes,
    address: IpAddr,
    roles: Vec<Role>,
    nick: Option<String>,
    inner: Option<Box<Self>>,
    tuple: (bool, (), f64),
    limits: (u64, i64),
    names: BTreeMap<String, Vec<u8>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    absent: Option<u8>,
}

const EVERYTHING: Key<Everything> = Key::new("everything");

fn everything() -> Everything {
    let leaf = Everything {
        id: Uuid([0xab; 16]),
        picture: Bytes((0..=255).collect()),
        address: IpAddr::V6(Ipv6Addr::LOCALHOST),
        roles: vec![
            Role::Guest,
            Role::Member(7),
            Role::Admin {
                level: -1,
                groups: vec!["a".into(), "✓\"\\\n".into()],
            },
            Role::Pair(1, '\u{1F36A}'),
        ],
        nick: None,
        inner: None,
        tuple: (true, (), -1.5e300),
        limits: (u64::MAX, i64::MIN),
        names: BTreeMap::from([("".into(), vec![]), ("k".into(), vec![1, 2])]),
        absent: None,
    };
    Everything {
        nick: Some("Ada".into()),
        inner: Some(Box::new(leaf.clone())),
        ..leaf
    }
}

#[tokio::test]
async fn a_session_written_in_either_is_read_in_the_other_and_back() {
    let store = SpyStore::default();
    let both = [Format::MessagePack, Format::Json]
        .map(|format| built(&store, |builder| builder.format(format)));
    for first in [0, 1] {
        let (old, new) = (&both[first], &both[1 - first]);
        let session = old.load(None).await.unwrap();
        session.insert(EVERYTHING, &everything()).unwrap();
        session.insert("n", &1).unwrap();
        session.set_persistent(Some(false));
        let visitor = Visitor::of(old, &session).await;
        let written = store.bytes(&visitor.key).unwrap();
        let session = visitor.request(new).await;
        assert_eq!(session.get(EVERYTHING).unwrap().unwrap(), everything());
        // An equal value is no change, though its stored form is the other one.
        assert!(!session.insert("n", &1).unwrap());
        new.store(&session).await.unwrap();
        assert_eq!(store.bytes(&visitor.key).unwrap(), written);
        // The next write changes the form of all of it.
        visitor.put(new, "n", 2).await;
        let rewritten = store.bytes(&visitor.key).unwrap();
        assert_ne!(written[0] == b'{', rewritten[0] == b'{');
        for backend in [new, old] {
            let session = visitor.request(backend).await;
            assert_eq!(session.get(EVERYTHING).unwrap().unwrap(), everything());
            assert_eq!(session.get::<u8>("n").unwrap(), Some(2));
            assert_eq!(session.len(), 2);
        }
        store.remove(&visitor.key);
    }
}

#[tokio::test]
async fn two_processes_may_use_different_formats_on_one_session() {
    let store = SpyStore::default();
    let both = [Format::MessagePack, Format::Json]
        .map(|format| built(&store, |builder| builder.format(format)));
    let visitor = Visitor::new(&store, &both[0]).await;
    let sessions = [
        visitor.request(&both[0]).await,
        visitor.request(&both[1]).await,
    ];
    for n in 0..2 {
        sessions[n].insert(["a", "b"][n], &n).unwrap();
        both[n].store(&sessions[n]).await.unwrap();
    }
    assert_eq!(both[1].counters().conflicts, 1);
    for backend in &both {
        assert_eq!(visitor.sees(backend, "a").await, Some(0));
        assert_eq!(visitor.sees(backend, "b").await, Some(1));
        assert_eq!(visitor.sees(backend, "n").await, Some(0));
    }
}

#[tokio::test]
async fn what_json_has_no_form_for_is_not_carried_over_and_spoils_nothing_else() {
    let store = SpyStore::default();
    let both = [Format::MessagePack, Format::Json]
        .map(|format| built(&store, |builder| builder.format(format)));
    let session = both[0].load(None).await.unwrap();
    session.insert("nan", &f64::NAN).unwrap();
    session.insert("wide", &i128::MAX).unwrap();
    session.insert("n", &1).unwrap();
    let visitor = Visitor::of(&both[0], &session).await;
    let session = visitor.request(&both[1]).await;
    assert!(session.get::<f64>("nan").is_err());
    assert!(session.get::<i128>("wide").is_err());
    assert_eq!(session.get::<i32>("n").unwrap(), Some(1));
    // Numbers as keys of a map become text in JSON, and stay that.
    let numbered = BTreeMap::from([(7, true)]);
    let session = both[1].load(None).await.unwrap();
    session.insert("numbered", &numbered).unwrap();
    session.insert("n", &1).unwrap();
    let visitor = Visitor::of(&both[1], &session).await;
    assert_eq!(visitor.sees(&both[1], "numbered").await, Some(numbered));
    let session = visitor.request(&both[0]).await;
    assert!(session.get::<BTreeMap<u8, bool>>("numbered").is_err());
    assert_eq!(session.get::<i32>("n").unwrap(), Some(1));
    // Other keys have no form in JSON at all.
    let session = both[0].load(None).await.unwrap();
    session
        .insert("pairs", &BTreeMap::from([((1, 2), 3)]))
        .unwrap();
    let visitor = Visitor::of(&both[0], &session).await;
    assert!(visitor.request(&both[1]).await.is_new());
    assert_eq!(both[1].counters().undecodable, 1);
    assert!(!visitor.request(&both[0]).await.is_new());
}
