//! Heap that a session takes while nobody uses it.

use std::{process::Command, time::Duration};

use stats_alloc::INSTRUMENTED_SYSTEM;

use super::{ask, counted};
use crate::{
    Failure,
    client::Client,
    contenders::App,
    work::{Contender, Place},
};

const SESSIONS: usize = 20_000;

/// Bytes for each session of 8 keys, as a child counts them.
pub fn per_session(contender: Contender) -> Result<f64, Failure> {
    ask(Command::new(counted()?).args(["heap", contender.name()]))
}

/// Counts those of this process, which must use the counting allocator.
pub async fn count(contender: Contender) -> Result<f64, Failure> {
    let app = App::open(contender, Place::Memory).await?;
    Client::seeded(&app).await?;
    let before = live();
    for _ in 0..SESSIONS {
        Client::seeded(&app).await?;
    }
    // Caches catch up with their own bookkeeping a moment later, when they are called again.
    tokio::time::sleep(Duration::from_millis(500)).await;
    for _ in 0..SESSIONS / 100 {
        let client = Client::seeded(&app).await?;
        let request = client.request(crate::work::Work::Read)?;
        crate::client::send(&mut app.router.clone(), request).await?;
    }
    let sessions = SESSIONS + SESSIONS / 100;
    Ok((live() as f64 - before as f64) / sessions as f64)
}

fn live() -> usize {
    let stats = INSTRUMENTED_SYSTEM.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}
