use super::{Entry, Row};
use crate::peers::Sockerless;

/// The columns of a row that have something in them.
pub(super) fn cells(row: &Row) -> Vec<Vec<String>> {
    let best = match row.unit.more_is_better() {
        true => "max",
        false => "min",
    };
    let symbol = row.unit.symbol();
    let mut columns: Vec<Vec<String>> = vec![
        column(row, "", |entry| entry.name.clone()),
        column(row, &format!("median {symbol}"), |entry| {
            row.unit.format(entry.median())
        }),
        column(row, &format!("{best} {symbol}"), |entry| {
            row.unit.format(entry.best(row.unit.more_is_better()))
        }),
        column(row, "CPU s", |entry| {
            of_processes(entry, format!("{:.2}", entry.cpu()))
        }),
        column(row, "peak MiB", |entry| {
            of_processes(entry, mebibytes(entry.peak_memory()))
        }),
        column(row, "written MB", |entry| {
            of_processes(entry, megabytes(entry.written()))
        }),
        column(row, "sent MB", |entry| {
            entry.sent().map(megabytes).unwrap_or_default()
        }),
        column(row, "registry MB", |entry| {
            entry.registry().map(megabytes).unwrap_or_default()
        }),
        column(row, "sockerless is better by", |entry| ratio(row, entry)),
    ];
    columns.retain(|column| column.iter().skip(1).any(|cell| !cell.is_empty()));
    let lines = columns.first().map_or(0, Vec::len);
    (0..lines)
        .map(|line| {
            columns
                .iter()
                .filter_map(|it| it.get(line).cloned())
                .collect()
        })
        .collect()
}

/// A row for the terminal.
pub(super) fn text(row: &Row) -> String {
    let cells = cells(row);
    let columns = cells.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            let lengths = cells.iter().filter_map(|line| line.get(at));
            lengths.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = format!("\n{}\n", row.title);
    for line in &cells {
        for (at, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            match at {
                0 => text.push_str(&format!("  {cell:<width$}")),
                _ => text.push_str(&format!("  {cell:>width$}")),
            }
        }
        text.push('\n');
    }
    for goal in &row.goals {
        text.push_str(&format!("  goal: {goal}\n"));
    }
    for note in &row.notes {
        text.push_str(&format!("  {note}\n"));
    }
    text
}

fn column(row: &Row, title: &str, cell: impl Fn(&Entry) -> String) -> Vec<String> {
    let cells = row.entries.iter().map(cell);
    std::iter::once(title.to_owned()).chain(cells).collect()
}

fn ratio(row: &Row, entry: &Entry) -> String {
    let ratio = row.times_better(&entry.name);
    match entry.name == Sockerless::NAME || ratio.is_nan() {
        true => String::new(),
        false => format!("{ratio:.2} x"),
    }
}

/// Empty where no process was measured: the size of a file, the rate of a disk.
fn of_processes(entry: &Entry, text: String) -> String {
    match entry.peak_memory() {
        0 => String::new(),
        _ => text,
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 20))
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::super::{Goal, Unit};
    use super::*;

    #[test]
    fn a_row_is_a_table_with_its_goals_below() {
        let entries = vec![entry("sockerless", &[0.5]), entry("dockerd", &[4.0, 3.0])];
        let row = Row::new("load it", Unit::Seconds, entries)
            .goal(Goal::at_least(2.0, "times", 6.0))
            .note("Why so.");
        let wanted = "
load it
              median s  min s  CPU s  peak MiB  written MB  sockerless is better by
  sockerless     0.500  0.500   1.00       3.0         2.0                         
  dockerd         3.00   3.00   1.00       3.0         2.0                   6.00 x
  goal: at least 2 times: 6, met by 200 %
  Why so.
";
        assert_eq!(text(&row), wanted);
    }
}
