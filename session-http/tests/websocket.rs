//! A session that outlives its response: a WebSocket loads it at the handshake, and saves and
//! reloads it by itself.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

mod fixture;

use axum::{
    Router,
    extract::{
        WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::Response,
    routing::get,
};
use fixture::{Counting, cookie, send, text};
use futures_util::{SinkExt as _, StreamExt as _};
use http::header;
use session_core::SessionError;
use session_http::{Session, SessionLayer};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{client::IntoClientRequest as _, handshake::client},
};

async fn greet(upgrade: WebSocketUpgrade, session: Session) -> Response {
    session.insert("n", &1).unwrap();
    upgrade.on_upgrade(async move |socket| talk(socket, session).await)
}

async fn listen(upgrade: WebSocketUpgrade, session: Session) -> Response {
    upgrade.on_upgrade(async move |socket| talk(socket, session).await)
}

/// Does what each message says, and answers what came of it.
async fn talk(mut socket: WebSocket, session: Session) {
    while let Some(Ok(Message::Text(message))) = socket.recv().await {
        let result = match message.as_str() {
            "save" => {
                session.insert("saved", &true).unwrap();
                session.save().await
            }
            _ => session.reload().await,
        };
        let answer = match result {
            Ok(()) => format!("{:?}", session.get::<u32>("n").unwrap()),
            Err(SessionError::Answered) => "answered".to_owned(),
            Err(SessionError::Ended) => "ended".to_owned(),
            Err(error) => error.to_string(),
        };
        socket.send(Message::Text(answer.into())).await.unwrap();
    }
}

fn app(store: &Counting) -> Router {
    Router::new()
        .route("/greet", get(greet))
        .route("/listen", get(listen))
        .route(
            "/write",
            get(async |session: Session| drop(session.insert("n", &5))),
        )
        .route("/destroy", get(async |session: Session| session.destroy()))
        .route(
            "/saved",
            get(async |session: Session| format!("{:?}", session.get::<bool>("saved").unwrap())),
        )
        .layer(SessionLayer::new(store.backend()))
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(app: &Router, path: &str, cookie: Option<&str>) -> (Socket, client::Response) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app.clone();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut request = format!("ws://{address}{path}")
        .into_client_request()
        .unwrap();
    if let Some(cookie) = cookie {
        request
            .headers_mut()
            .insert(header::COOKIE, cookie.parse().unwrap());
    }
    tokio_tungstenite::connect_async(request).await.unwrap()
}

async fn ask(socket: &mut Socket, message: &str) -> String {
    socket.send(message.into()).await.unwrap();
    socket
        .next()
        .await
        .unwrap()
        .unwrap()
        .into_text()
        .unwrap()
        .to_string()
}

#[tokio::test]
async fn a_session_begun_at_the_handshake_has_its_cookie_on_the_101() {
    let store = Counting::new();
    let app = app(&store);
    let (mut socket, response) = connect(&app, "/greet", None).await;
    assert_eq!(response.status(), 101);
    let cookie = cookie(&response);
    assert_eq!(ask(&mut socket, "save").await, "Some(1)");
    assert_eq!(
        text(send(&app, "/saved", Some(&cookie)).await).await,
        "Some(true)"
    );
}

#[tokio::test]
async fn a_reload_sees_what_other_requests_stored_since() {
    let store = Counting::new();
    let app = app(&store);
    let (mut socket, response) = connect(&app, "/greet", None).await;
    let cookie = cookie(&response);
    send(&app, "/write", Some(&cookie)).await;
    assert_eq!(ask(&mut socket, "reload").await, "Some(5)");
    send(&app, "/destroy", Some(&cookie)).await;
    assert_eq!(ask(&mut socket, "reload").await, "ended");
    assert_eq!(ask(&mut socket, "save").await, "ended");
    assert_eq!(
        text(send(&app, "/saved", Some(&cookie)).await).await,
        "None"
    );
}

#[tokio::test]
async fn a_new_session_after_the_handshake_is_refused_since_no_cookie_can_be_sent() {
    let store = Counting::new();
    let app = app(&store);
    let (mut socket, response) = connect(&app, "/listen", None).await;
    assert!(!response.headers().contains_key(header::SET_COOKIE));
    assert_eq!(ask(&mut socket, "save").await, "answered");
    assert_eq!(store.calls(), []);
}
