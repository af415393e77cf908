//! A small shop and a JSON API on sessions: `cargo run --example demo -- --help`.
//!
//! Begin with [`app`]: it is all that an application needs. `guests` says who signs in, `api` and `shop`
//! are handlers that use their session; the rest is what every server has.

mod api;
mod errors;
mod guests;
mod options;
mod redis_url;
mod serving;
mod shop;
mod store;
mod url;

use std::{error::Error, process::ExitCode, sync::Arc};

use axum::{Json, Router, routing::get};
use session_core::{Devices, FullStore, ServerSideBackend};
use session_http::{AuthLayer, SessionLayer};
use tower_http::catch_panic::CatchPanicLayer;
use tracing_subscriber::EnvFilter;

use options::Options;

type AnyError = Box<dyn Error + Send + Sync>;

/// Routes with a session each. From the inside out: a handler that panics answers 500; the session
/// layer sees that answer and stores nothing of what the handler did; and whatever fails, the
/// session layer included, answers JSON.
fn app(backend: ServerSideBackend, store: Arc<dyn FullStore>) -> Result<Router, AnyError> {
    let devices = Devices::new(backend.clone(), store);
    let sessions = SessionLayer::new(backend).exclude(["^/healthz$", r"^/style\.css$"])?;
    Ok(Router::new()
        .route("/healthz", get(async || Json("ok")))
        .merge(shop::routes(devices.clone()))
        .nest("/api", api::routes(devices))
        .layer(AuthLayer::new(guests::Guests))
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(sessions)
        .layer(axum::middleware::map_response(errors::as_json)))
}

fn backend(options: &Options, store: Arc<dyn FullStore>) -> Result<ServerSideBackend, AnyError> {
    let mut backend = ServerSideBackend::builder_shared(store)
        .renew(options.renew)
        .store_timeout(options.store_timeout);
    if let Some(idle) = options.idle {
        backend = backend.idle_timeout(idle);
    }
    if let Some(absolute) = options.absolute {
        backend = backend.absolute_timeout(absolute);
    }
    Ok(backend.build()?)
}

async fn run(options: Options) -> Result<(), AnyError> {
    let opened = store::open(&options).await?;
    let backend = backend(&options, opened.store.clone())?;
    let app = app(backend, opened.store.clone())?;
    let served = serving::serve(options.listen, app, opened.store.clone()).await;
    opened.close().await;
    served
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::parse() {
        Ok(options) => options,
        Err(refusal) => return refusal.print(),
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        // So far it is an option that cannot work: a port that is taken, a file that is no database, a
        // server that does not answer.
        Err(error) => options::Refusal::of(&*error).print(),
    }
}
