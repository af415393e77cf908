//! How a cell is measured. What a process counts about itself is counted by a child process.

pub mod allocations;
pub mod heap;
pub mod instructions;
pub mod throughput;

use std::{mem, path::PathBuf, process::Command};

use crate::{
    Failure,
    client::{self, Client},
    contenders::App,
    work::{Cell, Place},
};

/// How many requests a child serves: the fewer and the more, whose difference is what counts.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Past start-up, and past what grows at first.
    pub fewer: usize,
    /// Enough beyond that.
    pub more: usize,
}

impl Counts {
    /// Those for one cell.
    pub fn of(cell: Cell) -> Self {
        match cell.place {
            Place::Memory => Self {
                fewer: 1024,
                more: 5120,
            },
            Place::Sqlite | Place::Redis => Self {
                fewer: 256,
                more: 1280,
            },
        }
    }

    /// A difference in totals as so much for each request.
    pub fn per_request(self, fewer: u64, more: u64) -> f64 {
        let requests = (self.more - self.fewer) as f64;
        (more as f64 - fewer as f64) / requests
    }
}

/// Makes as many requests in any case and serves `count` of them. Nothing is dropped, so that two
/// processes which differ in `count` differ in the work of serving alone.
pub async fn serve(cell: Cell, count: usize) -> Result<(), Failure> {
    let app = App::open(cell.contender, cell.place).await?;
    let clients = Client::all(&app).await?;
    let all = client::requests(&clients, cell.work, Counts::of(cell).more)?;
    let mut router = app.router.clone();
    let mut requests = all.into_iter();
    for request in requests.by_ref().take(count) {
        client::send(&mut router, request).await?;
    }
    mem::forget((requests, clients, router, app));
    Ok(())
}

/// A runtime on this thread.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    Ok(builder.enable_all().build()?)
}

/// What the child says: one number.
fn ask(child: &mut Command) -> Result<f64, Failure> {
    let output = child.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{child:?}: {said}").into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// The program that counts its own heap; it stands beside this one.
fn counted() -> Result<PathBuf, Failure> {
    Ok(std::env::current_exe()?.with_file_name("session-bench-counted"))
}
