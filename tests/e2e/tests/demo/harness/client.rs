//! A client that sends the bytes it is given, one connection for each request.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::Answer;

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// One request with these cookie pairs in one header, or none.
pub(crate) async fn send(
    address: SocketAddr,
    call: &str,
    cookie: Option<&str>,
    body: &str,
) -> Answer {
    let header = cookie.map(|cookie| format!("Cookie: {cookie}").into_bytes());
    let headers: Vec<_> = header.iter().map(Vec::as_slice).collect();
    send_headers(address, call, &headers, body).await.unwrap()
}

/// One request with these header lines. `call` is the method and the path: `GET /healthz`.
pub(crate) async fn send_headers(
    address: SocketAddr,
    call: &str,
    headers: &[&[u8]],
    body: &str,
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    let mut request = head(address, call, headers, body.len());
    request.extend_from_slice(body.as_bytes());
    // A server may answer and close before it has read everything.
    drop(stream.write_all(&request).await);
    read(&mut stream).await
}

/// Begins a request with a body and stops where its handler has loaded the session and waits for
/// the body, which the server says by asking for it.
pub(crate) async fn begin(address: SocketAddr, call: &str, cookie: &str, body: &str) -> Held {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let cookie = format!("Cookie: {cookie}");
    let headers: [&[u8]; 2] = [cookie.as_bytes(), b"Expect: 100-continue"];
    let head = head(address, call, &headers, body.len());
    stream.write_all(&head).await.unwrap();
    let mut interim = *b"HTTP/1.1 100 Continue\r\n\r\n";
    let read = timeout(PATIENCE, stream.read_exact(&mut interim)).await;
    read.expect("the server asks for the body").unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    Held {
        stream,
        body: body.to_owned(),
    }
}

/// A request whose handler waits for its body.
pub(crate) struct Held {
    stream: TcpStream,
    body: String,
}

impl Held {
    /// Sends the body, and reads the answer.
    pub(crate) async fn finish(mut self) -> Answer {
        self.stream.write_all(self.body.as_bytes()).await.unwrap();
        read(&mut self.stream).await.unwrap()
    }

    /// Sends the body, and goes away after this time.
    pub(crate) async fn finish_and_leave(mut self, after: Duration) {
        self.stream.write_all(self.body.as_bytes()).await.unwrap();
        tokio::time::sleep(after).await;
    }
}

fn head(address: SocketAddr, call: &str, headers: &[&[u8]], length: usize) -> Vec<u8> {
    let mut head = format!(
        "{call} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n"
    )
    .into_bytes();
    for header in headers {
        head.extend_from_slice(header);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// Reads an answer up to its length, or to the end of the connection if it does not say.
async fn read(stream: &mut TcpStream) -> io::Result<Answer> {
    let mut bytes = Vec::with_capacity(64 * 1024);
    loop {
        let more = timeout(PATIENCE, stream.read_buf(&mut bytes)).await;
        let more = more.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
        let answer = Answer::parse(&bytes);
        if answer.as_ref().is_some_and(Answer::is_whole) || matches!(more, Ok(0) | Err(_)) {
            let broken = more
                .err()
                .unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into());
            return answer.ok_or(broken);
        }
        bytes.reserve(64 * 1024);
    }
}

/// A client that keeps its session's cookie, as a browser does.
#[derive(Default, Clone)]
pub(crate) struct Visitor {
    pub(crate) cookie: Option<String>,
}

impl Visitor {
    pub(crate) async fn call(&mut self, address: SocketAddr, call: &str, body: &str) -> Answer {
        let answer = send(address, call, self.cookie.as_deref(), body).await;
        if answer.removes_cookie() {
            self.cookie = None;
        }
        self.cookie = answer.cookie().or_else(|| self.cookie.take());
        answer
    }

    /// A visitor with a session that holds this.
    pub(crate) async fn with(address: SocketAddr, key: &str, json: &str) -> Self {
        let mut visitor = Self::default();
        let call = format!("PUT /api/session/{key}");
        visitor.call(address, &call, json).await.expect(204);
        assert!(visitor.cookie.is_some());
        visitor
    }

    /// The cookie pair, to be used whatever becomes of it.
    pub(crate) fn pair(&self) -> String {
        self.cookie.clone().expect("the visitor has a cookie")
    }
}
