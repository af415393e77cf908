//! The table, as Markdown.

use crate::{
    goals,
    work::{Cell, Contender, Work},
};

/// All that was measured of one cell.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Which.
    pub cell: Cell,
    /// Of one request.
    pub instructions: f64,
    /// Of one request.
    pub allocations: f64,
    /// As a ratio to the first cell of its group.
    pub throughput: f64,
}

/// What stands above the rows.
pub fn head() -> &'static str {
    "| work | by | instructions | × goal | allocations | × goal | throughput | × goal |\n\
     |---|---|--:|--:|--:|--:|--:|--:|"
}

/// One row. `× goal` above 1 misses the goal by that factor, in each column. In parentheses: with
/// the digest of the session's ID taken off, of so many instructions.
pub fn row(row: &Row, digest: f64) -> String {
    let goal = goals::of(row.cell);
    let work = match row.cell.work {
        Work::None => "none".to_owned(),
        work => format!("{}, {}", work.name(), row.cell.place.name()),
    };
    let thousands = |instructions: f64| format!("{:.1}k", instructions / 1000.0);
    let times = |times: f64| format!("{times:.2}");
    let instructions = |show: &dyn Fn(f64) -> String| {
        let all = format!("**{}**", show(row.instructions));
        if row.cell.digests() {
            format!("{all} ({})", show(row.instructions - digest))
        } else {
            all
        }
    };
    let columns = [
        instructions(&thousands),
        goal.instructions
            .map(|goal| instructions(&|it| times(it / goal)))
            .unwrap_or_default(),
        format!("**{:.1}**", row.allocations),
        goal.allocations
            .map(|goal| times(row.allocations / goal))
            .unwrap_or_default(),
        format!("**{:.2}**", row.throughput),
        goal.throughput
            .map(|goal| times(goal / row.throughput))
            .unwrap_or_default(),
    ];
    format!(
        "| {work} | {} | {} |",
        by(row.cell.contender),
        columns.join(" | ")
    )
}

/// The line for the heap of a session.
pub fn heap(contender: Contender, bytes: f64) -> String {
    let times = match contender {
        Contender::Ours => format!("{:.2}", bytes / goals::HEAP),
        _ => String::new(),
    };
    format!("| {} | **{bytes:.0} B** | {times} |", by(contender))
}

/// What stands above the lines for the heap.
pub fn heap_head() -> &'static str {
    "| heap per session, memory | | × goal |\n|---|--:|--:|"
}

fn by(contender: Contender) -> &'static str {
    match contender {
        Contender::AxumAlone => "axum alone",
        Contender::Limit => "limit",
        Contender::Ours => "ours",
        Contender::OursNear => "ours, near cache",
        Contender::TowerSessions => "tower-sessions",
        Contender::TowerSessionsMoka => "tower-sessions, moka",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::Place;

    #[test]
    fn a_row_says_how_far_from_its_goal_it_is() {
        let cell = Cell {
            contender: Contender::Ours,
            place: Place::Memory,
            work: Work::Read,
        };
        let measured = Row {
            cell,
            instructions: 23_800.0,
            allocations: 36.0,
            throughput: 0.6,
        };
        assert_eq!(
            row(&measured, 11_900.0),
            "| read, memory | ours | **23.8k** (11.9k) | **1.83** (0.92) | **36.0** | 1.64 | **0.60** | 1.50 |"
        );
    }

    #[test]
    fn a_peer_has_no_goal() {
        let cell = Cell {
            contender: Contender::Limit,
            place: Place::Sqlite,
            work: Work::Write,
        };
        let measured = Row {
            cell,
            instructions: 80_000.0,
            allocations: 50.0,
            throughput: 1.0,
        };
        assert_eq!(
            row(&measured, 3000.0),
            "| write, sqlite | limit | **80.0k** |  | **50.0** |  | **1.00** |  |"
        );
    }
}
