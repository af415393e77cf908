//! What ours should cost at most. They were set where the making of the request was counted in,
//! and here it is not; see README.md.

use crate::work::{Cell, Contender, Place, Work};

/// The goals of one cell; those that are not set are `None`.
#[derive(Clone, Copy, Default, Debug)]
pub struct Goal {
    /// Instructions of a request, at most.
    pub instructions: Option<f64>,
    /// Heap allocations of a request, at most.
    pub allocations: Option<f64>,
    /// Throughput as a ratio to the limit, at least.
    pub throughput: Option<f64>,
}

/// Heap bytes of a session in memory, at most.
pub const HEAP: f64 = 900.0;

/// The goals of a cell; none unless it is ours.
pub fn of(cell: Cell) -> Goal {
    let goal = |instructions: f64, allocations: f64, throughput: f64| Goal {
        instructions: Some(instructions),
        allocations: Some(allocations),
        throughput: Some(throughput),
    };
    match (cell.contender, cell.place, cell.work) {
        (Contender::Ours, _, Work::None) => goal(7500.0, 17.0, 0.85),
        (Contender::Ours, Place::Memory, Work::Read) => goal(13_000.0, 22.0, 0.9),
        (Contender::Ours, Place::Memory, Work::Write) => goal(24_000.0, 36.0, 1.0),
        (Contender::Ours, Place::Memory, Work::New) => goal(21_000.0, 36.0, 1.0),
        (Contender::Ours, Place::Sqlite, Work::Read | Work::Write) => Goal {
            throughput: Some(1.0),
            ..Goal::default()
        },
        (Contender::Ours, Place::Redis, Work::Read) => goal(28_000.0, 34.0, 0.9),
        (Contender::Ours, Place::Redis, Work::Write) => goal(55_000.0, 56.0, 0.85),
        (Contender::Ours, Place::Redis, Work::New) => Goal {
            throughput: None,
            ..goal(36_000.0, 42.0, 0.0)
        },
        (Contender::OursNear, Place::Redis, Work::Read) => Goal {
            throughput: None,
            ..goal(15_000.0, 26.0, 0.0)
        },
        _ => Goal::default(),
    }
}
