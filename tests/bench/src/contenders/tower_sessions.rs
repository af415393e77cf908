//! `tower-sessions` with its defaults, over its stores for memory, moka and SQLite.

use std::path::Path;

use axum::{Router, http::StatusCode, routing::get};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, SessionStore};
use tower_sessions_moka_store::MokaStore;
use tower_sessions_sqlx_store::{
    SqliteStore,
    sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{Failure, sample};

pub(super) fn memory() -> Router {
    router(MemoryStore::default())
}

pub(super) fn moka() -> Router {
    router(MokaStore::new(Some(1 << 20)))
}

/// Its store takes one pool; the file is as the others have it.
pub(super) async fn sqlite(file: &Path) -> Result<Router, Failure> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let pool = SqlitePoolOptions::new()
        .max_connections(4)
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    let store = SqliteStore::new(pool);
    store.migrate().await?;
    Ok(router(store))
}

fn router(store: impl SessionStore + Clone) -> Router {
    Router::new()
        .route("/none", get(none))
        .route("/seed", get(seed))
        .route("/read", get(read))
        .route("/write", get(write))
        .route("/seen", get(seen))
        .route("/new", get(write))
        .layer(SessionManagerLayer::new(store))
}

async fn none() -> &'static str {
    "none"
}

async fn seed(session: Session) -> Result<(), StatusCode> {
    for (key, text) in sample::TEXTS {
        session.insert(key, text).await.map_err(failed)?;
    }
    let number = sample::next_number();
    session
        .insert(sample::WRITTEN, number)
        .await
        .map_err(failed)
}

async fn read(session: Session) -> Result<String, StatusCode> {
    let text = session.get(sample::READ).await.map_err(failed)?;
    Ok(text.unwrap_or_default())
}

async fn write(session: Session) -> Result<String, StatusCode> {
    let number = sample::next_number();
    let written = session.insert(sample::WRITTEN, number).await;
    written.map_err(failed)?;
    Ok(number.to_string())
}

async fn seen(session: Session) -> Result<String, StatusCode> {
    let number: Option<u32> = session.get(sample::WRITTEN).await.map_err(failed)?;
    Ok(number.unwrap_or_default().to_string())
}

fn failed<E>(_: E) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}
