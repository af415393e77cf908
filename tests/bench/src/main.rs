//! Prints the table; `README.md` says what it shows and how it is measured.

use std::{hint::black_box, path::Path, process::ExitCode};

use session_bench::{
    Failure,
    measure::{self, allocations, heap, instructions, throughput},
    table::{self, Row},
    work::{Cell, Contender, Group},
};
use sha2::{Digest as _, Sha256};

const USAGE: &str = "usage: session-bench
       session-bench throughput PLACE WORK [CONTENDER...]
       session-bench profile CONTENDER PLACE WORK FILE
  CONTENDER: axum-alone limit ours ours-near tower-sessions tower-sessions-moka
  PLACE: memory sqlite redis   WORK: none read write new";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("session-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        [] => print_table(),
        // What the children under callgrind do.
        ["serve", contender, place, work, count] => {
            let cell = Cell::from_arguments(contender, place, work).ok_or(USAGE)?;
            let count = count.parse()?;
            measure::runtime()?.block_on(measure::serve(cell, count))?;
            // At once, so that taking everything down is not counted.
            std::process::exit(0)
        }
        ["digest", count] => {
            for _ in 0..count.parse()? {
                black_box(Sha256::digest(black_box([7_u8; 32])));
            }
            Ok(())
        }
        ["throughput", place, work, only @ ..] => print_throughput(place, work, only),
        ["profile", contender, place, work, file] => {
            let cell = Cell::from_arguments(contender, place, work).ok_or(USAGE)?;
            let count = measure::Counts::of(cell).more.to_string();
            let file = Path::new(file);
            instructions::record(&["serve", contender, place, work, &count], file)
        }
        _ => Err(USAGE.into()),
    }
}

/// Of one group alone, or of some of its contenders: for trying things out.
fn print_throughput(place: &str, work: &str, only: &[&str]) -> Result<(), Failure> {
    let mut groups = Group::all().into_iter();
    let mut group = groups.find(|group| group.is(place, work)).ok_or(USAGE)?;
    let wanted = |cell: &Cell| only.is_empty() || only.contains(&cell.contender.name());
    group.cells.retain(wanted);
    let ratios = many_threads()?.block_on(throughput::ratios(&group))?;
    for (cell, ratio) in group.cells.iter().zip(ratios) {
        println!("{ratio:.2} {}", cell.contender.name());
    }
    Ok(())
}

fn many_threads() -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder.enable_all().build()?)
}

fn print_table() -> Result<(), Failure> {
    let runtime = many_threads()?;
    let digest = instructions::per_digest()?;
    println!("{}", table::head());
    for group in Group::all() {
        let ratios = runtime.block_on(throughput::ratios(&group))?;
        for (cell, throughput) in group.cells.into_iter().zip(ratios) {
            let row = Row {
                cell,
                instructions: instructions::per_request(cell)?,
                allocations: allocations::per_request(cell)?,
                throughput,
            };
            println!("{}", table::row(&row, digest));
        }
    }
    println!("\n{}", table::heap_head());
    let contenders = [
        Contender::Limit,
        Contender::Ours,
        Contender::TowerSessions,
        Contender::TowerSessionsMoka,
    ];
    for contender in contenders {
        println!("{}", table::heap(contender, heap::per_session(contender)?));
    }
    println!("\nSHA-256 of one ID, in software under callgrind: {digest:.0} instructions.");
    Ok(())
}
