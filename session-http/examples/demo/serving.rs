//! Listens, sweeps, and stops when told to.

use std::{future::IntoFuture as _, io::Write as _, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use session_core::{FullStore, Sweeper};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::timeout,
};

use crate::AnyError;

/// How often expired sessions are removed from the store.
const SWEEP: Duration = Duration::from_secs(20);
/// How long what is under way may take once the server is told to stop: requests, and a sweep, which a
/// store that hangs would keep.
const DRAIN: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or ctrl-c.
pub(crate) async fn serve(
    address: SocketAddr,
    app: Router,
    store: Arc<dyn FullStore>,
) -> Result<(), AnyError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|error| format!("--listen {address}: {error}"))?;
    let address = listener.local_addr()?;

    let (stop, stopped) = watch::channel(());
    let wait = |mut stopped: watch::Receiver<()>| async move { drop(stopped.changed().await) };
    let sweeper = Sweeper::new(store).interval(SWEEP);
    let sweeper = tokio::spawn(sweeper.run(wait(stopped.clone())));
    let server = axum::serve(listener, app).with_graceful_shutdown(wait(stopped));
    let mut server = tokio::spawn(server.into_future());

    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on http://{address}")?;
    stdout.flush()?;

    tokio::select! {
        // Ends by itself only if it fails.
        ended = &mut server => return Ok(ended??),
        _ = terminate.recv() => {}
        ctrl_c = tokio::signal::ctrl_c() => ctrl_c?,
    }
    tracing::info!("stopping");
    drop(stop);
    let ended = timeout(DRAIN, async { tokio::join!(server, sweeper) });
    match ended.await {
        Ok((_, swept)) => tracing::info!(swept = swept?, "stopped"),
        Err(_) => tracing::warn!("what is still under way is cut off"),
    }
    Ok(())
}
