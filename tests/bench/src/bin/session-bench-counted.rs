//! The child of `session-bench` that counts its own heap. A program of its own, since counting
//! would slow the other measurements down.

use std::{alloc::System, process::ExitCode};

use session_bench::{
    Failure,
    measure::{allocations, heap, runtime},
    work::Cell,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    match count() {
        Ok(number) => {
            println!("{number}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("session-bench-counted: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn count() -> Result<f64, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let cell = |contender, place, work| {
        Cell::from_arguments(contender, place, work).ok_or("no such contender, place or work")
    };
    match arguments.as_slice() {
        ["allocations", contender, place, work] => {
            runtime()?.block_on(allocations::count(cell(contender, place, work)?))
        }
        ["heap", contender] => {
            runtime()?.block_on(heap::count(cell(contender, "memory", "new")?.contender))
        }
        _ => Err("`session-bench` starts this; start that".into()),
    }
}
