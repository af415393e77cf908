//! `session-http` with its defaults, over `session-memory`, `session-sqlx` and `session-redis`.

use std::path::Path;

use axum::{Router, routing::get};
use session_core::{Key, ServerSideBackend, Store};
use session_http::{Session, SessionFailure, SessionLayer};
use session_memory::MemoryStore;
use session_redis::{NearCache, RedisOptions, RedisStore};
use session_sqlx::SqliteStore;

use crate::{Failure, sample};

const READ: Key<String> = Key::new(sample::READ);
const WRITTEN: Key<u32> = Key::new(sample::WRITTEN);

pub(super) fn memory() -> Result<Router, Failure> {
    router(MemoryStore::new())
}

pub(super) async fn sqlite(file: &Path) -> Result<Router, Failure> {
    router(SqliteStore::open(file).await?)
}

pub(super) async fn redis(url: &str) -> Result<Router, Failure> {
    router(RedisStore::open(url).await?)
}

pub(super) async fn near_redis(url: &str) -> Result<Router, Failure> {
    let near = NearCache::new(64 * 1024 * 1024);
    let options = RedisOptions::url(url)?.near_cache(near);
    router(options.open().await?)
}

fn router(store: impl Store) -> Result<Router, Failure> {
    let backend = ServerSideBackend::builder(store).build()?;
    Ok(Router::new()
        .route("/none", get(none))
        .route("/seed", get(seed))
        .route("/read", get(read))
        .route("/write", get(write))
        .route("/seen", get(seen))
        .route("/new", get(write))
        .layer(SessionLayer::new(backend)))
}

async fn none() -> &'static str {
    "none"
}

async fn seed(session: Session) -> Result<(), SessionFailure> {
    for (key, text) in sample::TEXTS {
        session.insert(key, text)?;
    }
    session.insert(WRITTEN, &sample::next_number())?;
    Ok(())
}

async fn read(session: Session) -> Result<String, SessionFailure> {
    Ok(session.get(READ)?.unwrap_or_default())
}

async fn write(session: Session) -> Result<String, SessionFailure> {
    let number = sample::next_number();
    session.insert(WRITTEN, &number)?;
    Ok(number.to_string())
}

async fn seen(session: Session) -> Result<String, SessionFailure> {
    Ok(session.get(WRITTEN)?.unwrap_or_default().to_string())
}
