//! Clients: who sends the requests, without a network in between.

use axum::{
    Router,
    body::Body,
    http::{
        HeaderValue, Request, StatusCode,
        header::{COOKIE, HOST, SET_COOKIE},
    },
    response::Response,
};
use tower_service::Service as _;

use crate::{Failure, contenders::App, work::Work};

/// How many clients there are, each with a session of its own.
pub const CLIENTS: usize = 64;

/// A visitor whose session holds all sample values.
#[derive(Clone, Debug)]
pub struct Client {
    cookie: HeaderValue,
}

impl Client {
    /// One whose session was made just now.
    pub async fn seeded(app: &App) -> Result<Self, Failure> {
        let mut router = app.router.clone();
        let response = send(&mut router, request("/seed", None)?).await?;
        let header = response.headers().get(SET_COOKIE);
        let header = header.ok_or("no session was made")?.to_str()?;
        let pair = header.split(';').next().unwrap_or(header);
        Ok(Self {
            cookie: HeaderValue::from_str(pair)?,
        })
    }

    /// All of them.
    pub async fn all(app: &App) -> Result<Vec<Self>, Failure> {
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            clients.push(Self::seeded(app).await?);
        }
        Ok(clients)
    }

    /// A request that asks for this work.
    pub fn request(&self, work: Work) -> Result<Request<Body>, Failure> {
        let cookie = (work != Work::New).then_some(&self.cookie);
        request(work.path(), cookie)
    }

    /// A request for any route, with the cookie.
    pub fn request_for(&self, path: &str) -> Result<Request<Body>, Failure> {
        request(path, Some(&self.cookie))
    }
}

/// So many requests for this work, by the clients in turn.
pub fn requests(
    clients: &[Client],
    work: Work,
    count: usize,
) -> Result<Vec<Request<Body>>, Failure> {
    let in_turn = clients.iter().cycle().take(count);
    in_turn.map(|client| client.request(work)).collect()
}

/// Sends one request. Any other answer than 200 is a failure.
pub async fn send(router: &mut Router, request: Request<Body>) -> Result<Response, Failure> {
    // A router is always ready, and cannot fail.
    let response = match router.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    match response.status() {
        StatusCode::OK => Ok(response),
        status => Err(status.to_string().into()),
    }
}

fn request(path: &str, cookie: Option<&HeaderValue>) -> Result<Request<Body>, Failure> {
    let request = Request::get(path).header(HOST, "example.com");
    let request = match cookie {
        Some(cookie) => request.header(COOKIE, cookie),
        None => request,
    };
    Ok(request.body(Body::empty())?)
}
