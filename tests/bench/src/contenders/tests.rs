use axum::body::to_bytes;

use super::*;
use crate::{client, client::Client, sample, work::Work};

const WITH_SESSIONS: [(Contender, Place); 10] = [
    (Contender::Limit, Place::Memory),
    (Contender::Limit, Place::Sqlite),
    (Contender::Ours, Place::Memory),
    (Contender::Ours, Place::Sqlite),
    (Contender::TowerSessions, Place::Memory),
    (Contender::TowerSessions, Place::Sqlite),
    (Contender::TowerSessionsMoka, Place::Memory),
    (Contender::Limit, Place::Redis),
    (Contender::Ours, Place::Redis),
    (Contender::OursNear, Place::Redis),
];

async fn body(app: &App, client: &Client, path: &str) -> String {
    let request = client.request_for(path).unwrap();
    let response = client::send(&mut app.router.clone(), request)
        .await
        .unwrap();
    let bytes = to_bytes(response.into_body(), 1024).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn every_contender_reads_back_what_it_was_given() {
    for (contender, place) in WITH_SESSIONS {
        let app = App::open(contender, place).await.unwrap();
        let client = Client::seeded(&app).await.unwrap();
        let (_, expected) = sample::TEXTS
            .into_iter()
            .find(|(key, _)| *key == sample::READ)
            .unwrap();
        assert_eq!(
            body(&app, &client, "/read").await,
            expected,
            "{contender:?} {place:?}"
        );
    }
}

#[tokio::test]
async fn every_contender_keeps_what_is_written_for_each_client() {
    for (contender, place) in WITH_SESSIONS {
        let app = App::open(contender, place).await.unwrap();
        let one = Client::seeded(&app).await.unwrap();
        let other = Client::seeded(&app).await.unwrap();
        let mine = body(&app, &one, "/write").await;
        let theirs = body(&app, &other, "/write").await;
        assert_ne!(mine, theirs);
        assert_eq!(
            body(&app, &one, "/seen").await,
            mine,
            "{contender:?} {place:?}"
        );
        assert_eq!(
            body(&app, &other, "/seen").await,
            theirs,
            "{contender:?} {place:?}"
        );
    }
}

#[tokio::test]
async fn every_contender_makes_a_session_for_a_client_without_one() {
    for (contender, place) in WITH_SESSIONS {
        let app = App::open(contender, place).await.unwrap();
        let client = Client::seeded(&app).await.unwrap();
        let request = client.request(Work::New).unwrap();
        let response = client::send(&mut app.router.clone(), request)
            .await
            .unwrap();
        assert!(
            response.headers().contains_key("set-cookie"),
            "{contender:?} {place:?}"
        );
    }
}

#[test]
fn the_sample_is_496_bytes_as_a_messagepack_map() {
    let texts: usize = sample::TEXTS
        .iter()
        .map(|(key, text)| 1 + key.len() + 2 + text.len())
        .sum();
    assert_eq!(1 + texts + 1 + sample::WRITTEN.len() + 5, 496);
}
