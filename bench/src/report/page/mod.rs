//! The texts of the pages around the figures.

mod benchmark;
mod scaling;

pub(crate) use benchmark::BENCHMARK;
pub(crate) use scaling::SCALING;

use super::Unit;

/// A page without its figures.
#[derive(Debug)]
pub(crate) struct Page {
    /// The name of its file, without `.md`.
    name: &'static str,
    /// The first line.
    pub(super) title: &'static str,
    /// Programs whose versions it lists.
    pub(crate) programs: &'static [&'static str],
    /// The pictures beside it.
    pub(super) pictures: &'static [Picture],
    /// What comes first.
    pub(super) introduction: &'static str,
    /// What comes last.
    pub(super) closing: &'static str,
}

/// A picture with the rows of one unit.
#[derive(Debug)]
pub(super) struct Picture {
    /// Its file.
    pub(super) file: &'static str,
    /// What it shows.
    pub(super) says: &'static str,
    /// The unit.
    pub(super) unit: Unit,
}

impl Page {
    /// Its file.
    pub(crate) fn file(&self) -> String {
        format!("{}.md", self.name)
    }
}
