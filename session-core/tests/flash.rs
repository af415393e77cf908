//! Messages that are shown exactly once.

use session_core::{Flash, Level, Message};

use crate::support::{
    SpyStore, Visitor, assert_keep, assert_remove, backend, load, set_token, value,
};

const FLASH: Flash = Flash::new("flash");

fn texts(messages: &[Message]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message.text.as_str())
        .collect()
}

#[tokio::test]
async fn they_are_shown_once_in_their_order() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    for text in ["one", "two", "three"] {
        FLASH.push(&session, &Message::info(text)).unwrap();
    }
    FLASH
        .push(&session, &Message::new(Level::Error, "four"))
        .unwrap();
    assert_keep(&backend.store(&session).await.unwrap());

    // A page that shows nothing leaves them.
    let session = visitor.request(&backend).await;
    assert!(!FLASH.is_empty(&session));
    assert_keep(&backend.store(&session).await.unwrap());

    let session = visitor.request(&backend).await;
    store.calls();
    let taken = FLASH.take(&session).await.unwrap();
    assert_eq!(texts(&taken), ["one", "two", "three", "four"]);
    assert_eq!(
        (taken[0].level, taken[3].level),
        (Level::Info, Level::Error)
    );
    assert_eq!(store.calls(), ["set"]);
    assert!(FLASH.is_empty(&session));
    // There is nothing to store any more, here or in the next request.
    assert_keep(&backend.store(&session).await.unwrap());
    let session = visitor.request(&backend).await;
    store.calls();
    assert_eq!(FLASH.take(&session).await.unwrap(), []);
    assert_keep(&backend.store(&session).await.unwrap());
    assert!(store.calls().is_empty());
    assert_eq!(value::<String>(&session, "name").as_deref(), Some("Ada"));
}

#[tokio::test]
async fn a_message_survives_the_logout_that_left_it_and_nothing_else_does() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    session.destroy();
    FLASH.push(&session, &Message::success("Goodbye.")).unwrap();
    let token = set_token(backend.store(&session).await.unwrap()).text();
    assert_ne!(token, visitor.token);
    assert!(visitor.request(&backend).await.is_new());

    let session = load(&backend, &token).await;
    assert_eq!(session.len(), 1);
    assert_eq!(texts(&FLASH.take(&session).await.unwrap()), ["Goodbye."]);
    // It was all there was.
    assert_remove(&backend.store(&session).await.unwrap());
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn of_two_pages_at_once_one_shows_it_and_of_two_messages_none_is_lost() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let both = [
        visitor.request(&backend).await,
        visitor.request(&backend).await,
    ];
    for (session, text) in both.iter().zip(["left", "right"]) {
        FLASH.push(session, &Message::info(text)).unwrap();
    }
    for session in &both {
        backend.store(session).await.unwrap();
    }
    let both = [
        visitor.request(&backend).await,
        visitor.request(&backend).await,
    ];
    let first = FLASH.take(&both[0]).await.unwrap();
    let second = FLASH.take(&both[1]).await.unwrap();
    let mut shown = texts(&first);
    shown.sort_unstable();
    assert_eq!(shown, ["left", "right"]);
    assert_eq!(second, []);
}

#[tokio::test]
async fn messages_have_a_type_and_others_are_not_touched() {
    const ALERTS: Flash<(u8, String)> = Flash::new("alert");
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    ALERTS.push(&session, &(7, "seven".to_owned())).unwrap();
    FLASH.push(&session, &Message::info("info")).unwrap();
    // Of a type that is no longer read, and of a name that only looks alike.
    session.insert("alert:0", "what is this").unwrap();
    session.insert("alerts", &1).unwrap();
    let alerts = ALERTS.take(&session).await.unwrap();
    assert_eq!(alerts, [(7, "seven".to_owned())]);
    assert!(!session.contains_key("alert:0") && session.contains_key("alerts"));
    assert_eq!(texts(&FLASH.take(&session).await.unwrap()), ["info"]);
}

#[tokio::test]
async fn an_ended_session_has_none() {
    let store = SpyStore::default();
    let backend = backend(&store);
    let visitor = Visitor::new(&store, &backend).await;
    let session = visitor.request(&backend).await;
    FLASH.push(&session, &Message::info("late")).unwrap();
    assert_keep(&backend.store(&session).await.unwrap());
    let session = visitor.request(&backend).await;
    visitor.log_out(&backend).await;
    assert_eq!(FLASH.take(&session).await.unwrap(), []);
    assert!(session.has_ended());
}
