//! The tower layer around services that are not axum's, with bodies of any type.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what makes a test ready fails by panicking"
)]

mod fixture;

use std::convert::Infallible;

use bytes::Bytes;
use fixture::{Counting, cookie};
use http::{Request, Response, header};
use http_body_util::{Empty, Full};
use session_http::{Main, SessionLayer, Slot};
use tower::{Layer as _, ServiceExt as _, service_fn};

/// Counts visits, with whatever bodies.
async fn visits<Q, B>(request: Request<Q>, body: fn(u32) -> B) -> Result<Response<B>, Infallible> {
    let (parts, _) = request.into_parts();
    let slot = Slot::<Main>::of(&parts.extensions).unwrap();
    let session = slot.load(&parts.headers).await.unwrap();
    let visits = session.get::<u32>("visits").unwrap().unwrap_or(0) + 1;
    session.insert("visits", &visits).unwrap();
    Ok(Response::new(body(visits)))
}

async fn two_visits<B: Default>(body: fn(u32) -> B) -> B {
    let layer = SessionLayer::new(Counting::new().backend());
    let service = layer.layer(service_fn(move |request| visits(request, body)));
    let first = Request::new(());
    let first = service.clone().oneshot(first).await.unwrap();
    let second = Request::builder().header(header::COOKIE, cookie(&first));
    let second = service.oneshot(second.body(()).unwrap()).await.unwrap();
    assert!(!second.headers().contains_key(header::SET_COOKIE));
    second.into_body()
}

#[tokio::test]
async fn any_body_that_has_a_default_will_do() {
    assert_eq!(two_visits(|visits| visits.to_string()).await, "2");
    assert_eq!(two_visits(|visits| vec![visits]).await, [2]);
    let body = two_visits(|visits| Full::new(Bytes::from(visits.to_string()))).await;
    assert_eq!(
        format!("{body:?}"),
        format!("{:?}", Full::new(Bytes::from("2")))
    );
    two_visits(|_| Empty::<Bytes>::new()).await;
    two_visits(|_| ()).await;
}

#[tokio::test]
async fn an_error_of_the_service_passes_through_and_stores_nothing() {
    let store = Counting::new();
    let layer = SessionLayer::new(store.backend());
    let service = layer.layer(service_fn(async |request: Request<()>| {
        let slot = Slot::<Main>::of(request.extensions()).unwrap();
        let session = slot.load(request.headers()).await.unwrap();
        session.insert("n", &1).unwrap();
        Err::<Response<()>, _>("the service's own")
    }));
    assert_eq!(
        service.oneshot(Request::new(())).await.unwrap_err(),
        "the service's own"
    );
    assert_eq!(store.calls(), []);
}
