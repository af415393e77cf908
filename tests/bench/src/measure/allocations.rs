//! Heap allocations of one request, counted exactly.

use std::process::Command;

use stats_alloc::INSTRUMENTED_SYSTEM;

use super::{Counts, ask, counted};
use crate::{
    Failure,
    client::{self, Client},
    contenders::App,
    work::Cell,
};

/// Allocations and reallocations of one request, as a child counts them.
pub fn per_request(cell: Cell) -> Result<f64, Failure> {
    ask(Command::new(counted()?)
        .arg("allocations")
        .args(cell.arguments()))
}

/// Counts those of this process, which must use the counting allocator.
pub async fn count(cell: Cell) -> Result<f64, Failure> {
    let counts = Counts::of(cell);
    let app = App::open(cell.contender, cell.place).await?;
    let clients = Client::all(&app).await?;
    let mut requests = client::requests(&clients, cell.work, counts.more)?.into_iter();
    let mut router = app.router.clone();
    let mut totals = [0; 2];
    for (upto, total) in [counts.fewer, counts.more - counts.fewer]
        .into_iter()
        .zip(&mut totals)
    {
        for request in requests.by_ref().take(upto) {
            client::send(&mut router, request).await?;
        }
        let stats = INSTRUMENTED_SYSTEM.stats();
        *total = u64::try_from(stats.allocations + stats.reallocations)?;
    }
    Ok(counts.per_request(totals[0], totals[1]))
}
