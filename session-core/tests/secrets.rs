//! Neither IDs nor data reach a log, an error or a `Debug`.

use session_core::{
    DecodeError, EncodeError, Key, NewRecord, OwnedRecord, Record, ServerSideBackend, SessionError,
    Store, StoreErrorKind, Sweeper, TokenInstruction, Version,
};

use crate::support::{Fault, SpyStore, Visitor, backend, built, captured, set_token};

const SECRET: &str = "correct horse battery staple";

/// The forms in which a secret could slip through.
fn assert_silent(text: &str, id: &session_core::SessionId) {
    let decimal = |bytes: &[u8]| {
        let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
        numbers.join(", ")
    };
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    for hidden in [
        SECRET.to_owned(),
        decimal(&SECRET.as_bytes()[..8]),
        hex(&SECRET.as_bytes()[..8]),
        "ada@example.org".to_owned(),
        id.to_text(),
        decimal(&id.as_bytes()[..6]),
        hex(&id.as_bytes()[..6]),
    ] {
        assert!(!text.contains(&hidden), "{hidden} in {text}");
    }
}

async fn visit(store: &SpyStore, backend: &ServerSideBackend) -> Visitor {
    let session = backend.load(None).await.unwrap();
    session.insert("pin", SECRET).unwrap();
    session.set_owner(Some("ada@example.org"));
    let visitor = Visitor::of(backend, &session).await;
    store.calls();
    visitor
}

#[tokio::test]
async fn debug_of_every_type_is_silent() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = visit(&store, &backend).await;
    let session = visitor.request(&backend).await;
    let id = session.id().unwrap();
    let record = store.get(&visitor.key).await.unwrap().unwrap();
    let new = NewRecord::new(SECRET.as_bytes()).owner(Some("ada@example.org"));
    let mut shown = vec![
        format!("{session:?}"),
        format!("{id:?}"),
        format!("{backend:?}"),
        format!("{record:?}"),
        format!("{:#?}", OwnedRecord::new(visitor.key, record)),
        format!(
            "{:?}",
            Record::new(SECRET, Version::unique(), std::time::Duration::MAX)
        ),
        format!("{new:?}"),
        format!("{:?}", ServerSideBackend::builder(store.clone())),
        format!("{:?}", Key::<String>::new("pin")),
        format!("{:?}", backend.counters()),
        format!("{:?}", Sweeper::new(NoMaintenance)),
        format!("{:?} {}", visitor.key, visitor.key),
    ];
    session.insert("pin", &[SECRET, SECRET]).unwrap();
    shown.push(format!("{session:?}"));
    backend.store(&session).await.unwrap();
    assert_silent(&shown.join("\n"), &id);
    let session = visitor.request(&backend).await;
    session.cycle_id();
    let moved = session.id().unwrap();
    let token = set_token(backend.store(&session).await.unwrap());
    assert_eq!(token.text(), moved.to_text());
    assert_silent(
        &format!("{token:?} {:?}", TokenInstruction::Set(token.clone())),
        &moved,
    );
}

struct NoMaintenance;

#[session_core::async_trait]
impl session_core::Maintain for NoMaintenance {
    async fn purge_expired(&self, _: u32) -> Result<u64, session_core::StoreError> {
        Ok(0)
    }

    async fn delete_all(&self) -> Result<u64, session_core::StoreError> {
        Ok(0)
    }

    async fn count(&self) -> Result<u64, session_core::StoreError> {
        Ok(0)
    }
}

#[tokio::test]
async fn errors_are_silent() {
    struct Talkative;
    impl serde::Serialize for Talkative {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom(SECRET))
        }
    }
    let store = SpyStore::default();
    let backend = built(&store, |builder| builder.max_bytes(100));
    let visitor = visit(&store, &backend).await;
    let session = visitor.request(&backend).await;
    let id = session.id().unwrap();
    let mut errors = vec![
        session.get::<u32>("pin").unwrap_err(),
        session.get::<Vec<u8>>("pin").unwrap_err(),
        session.insert("pin", &Talkative).unwrap_err(),
    ];
    session.insert("large", &SECRET.repeat(4)).unwrap();
    errors.push(session.save().await.unwrap_err());
    session.remove("large");
    session.insert("n", &1).unwrap();
    store.next("set", Fault::Fail(StoreErrorKind::Other));
    errors.push(session.save().await.unwrap_err());
    visitor.log_out(&backend).await;
    errors.push(session.save().await.unwrap_err());
    for error in &errors {
        assert_silent(&format!("{error} {error:?}"), &id);
    }
    let kinds: Vec<bool> = vec![
        matches!(&errors[0], SessionError::Decode { source, .. } if silent_decode(source)),
        matches!(&errors[2], SessionError::Encode { source, .. } if silent_encode(source)),
        matches!(&errors[3], SessionError::TooLarge { .. }),
        matches!(&errors[4], SessionError::Store(_)),
        matches!(&errors[5], SessionError::Ended),
    ];
    assert_eq!(kinds, [true; 5]);
}

fn silent_decode(error: &DecodeError) -> bool {
    !format!("{error} {error:?}").contains("horse")
}

fn silent_encode(error: &EncodeError) -> bool {
    !format!("{error} {error:?}").contains("horse")
}

#[tokio::test]
async fn logs_are_silent_at_every_level() {
    let store = SpyStore::default();
    let backend = built(&store, |builder| {
        builder.outage(session_core::Outage::AnonymousReadOnly)
    });
    let visitor = visit(&store, &backend).await;
    let id = visitor.request(&backend).await.id().unwrap();
    let log = captured(async {
        let session = visitor.request(&backend).await;
        session.insert("pin", &[SECRET]).unwrap();
        backend.store(&session).await.unwrap();
        store.next("get", Fault::Fail(StoreErrorKind::Unavailable));
        visitor.request(&backend).await;
        store.overwrite(&visitor.key, SECRET.as_bytes());
        visitor.request(&backend).await;
        backend.load(Some(SECRET.as_bytes())).await.unwrap();
        let unknown = backend.generate_session_id().unwrap();
        let text = unknown.to_text();
        backend.load(Some(text.as_bytes())).await.unwrap();
        visitor.log_out(&backend).await;
    })
    .await;
    assert!(log.contains("going on read-only") && log.contains("cannot be read"));
    assert_silent(&log, &id);
}

#[tokio::test]
async fn what_serde_says_of_a_value_is_in_no_error_chain() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = visit(&store, &backend).await;
    let session = visitor.request(&backend).await;
    let error = session.get::<u32>("pin").unwrap_err();
    let SessionError::Decode { source, .. } = &error else {
        panic!("{error:?}")
    };
    let detail = source.detail().unwrap().to_string();
    let mut chain = format!("{error:?} {error}");
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        chain += &format!(" {next:?} {next}");
        cause = next.source();
    }
    assert_silent(&chain, &session.id().unwrap());
    assert!(!chain.contains(&detail), "{chain}");
}
