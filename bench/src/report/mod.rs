//! The results: as text during the run, as a page with a picture at the end.

mod entry;
mod goal;
mod machine;
mod markdown;
mod page;
mod picture;
mod row;
mod table;
mod unit;

pub(crate) use entry::Entry;
pub(crate) use goal::Goal;
pub(crate) use machine::Machine;
pub(crate) use page::{BENCHMARK, Page, SCALING};
pub(crate) use row::Row;
pub(crate) use unit::Unit;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

/// The rows so far.
#[derive(Debug)]
pub(crate) struct Report {
    page: &'static Page,
    machine: Machine,
    rows: Vec<Row>,
}

impl Report {
    /// A report from this machine for this page.
    pub(crate) fn new(page: &'static Page, machine: Machine) -> Result<Self> {
        let report = Self {
            page,
            machine,
            rows: Vec::new(),
        };
        say(&report.machine.to_string())?;
        Ok(report)
    }

    /// Adds a row and prints it.
    pub(crate) fn add(&mut self, row: Row) -> Result<()> {
        say(&table::text(&row))?;
        self.rows.push(row);
        Ok(())
    }

    /// Writes the page and its pictures.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let page = markdown::page(self.page, &self.machine, &self.rows);
        fs::write(folder.join(self.page.file()), page)?;
        for picture in self.page.pictures {
            let rows = self.rows.iter().filter(|row| row.unit == picture.unit);
            fs::write(folder.join(picture.file), picture::svg(rows))?;
        }
        Ok(())
    }

    /// How many goals were met, and how many there are.
    pub(crate) fn met(&self) -> (usize, usize) {
        let goals = self.rows.iter().flat_map(|row| &row.goals);
        let met = goals.clone().filter(|goal| goal.is_met()).count();
        (met, goals.count())
    }
}

/// Prints a line about the progress.
pub(crate) fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}
