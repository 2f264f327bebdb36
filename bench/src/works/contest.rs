use std::fmt::{self, Debug, Formatter};
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::bench::Bench;
use crate::measure::{Sample, warm};
use crate::report::Entry;

/// One turn: does the work with all files in a new folder, and checks the result.
type Turn<'a> = Box<dyn FnMut(&Path) -> Result<Sample> + 'a>;

/// The contestants of one work.
#[derive(Default)]
pub(super) struct Contest<'a> {
    /// What all of them read.
    archive: Option<&'a Path>,
    contestants: Vec<(String, Turn<'a>)>,
}

impl<'a> Contest<'a> {
    /// A contest about this archive, which is in the page cache before each turn.
    pub(super) fn about(archive: &'a Path) -> Self {
        Self {
            archive: Some(archive),
            contestants: Vec::new(),
        }
    }

    /// Adds one.
    pub(super) fn with(
        mut self,
        name: impl Into<String>,
        turn: impl FnMut(&Path) -> Result<Sample> + 'a,
    ) -> Self {
        self.contestants.push((name.into(), Box::new(turn)));
        self
    }

    /// All in turn, once for each round.
    pub(super) fn run(self, bench: &Bench) -> Result<Vec<Entry>> {
        let mut contestants = self.contestants;
        let mut entries: Vec<Entry> = contestants
            .iter()
            .map(|(name, _)| Entry {
                name: name.clone(),
                samples: Vec::new(),
            })
            .collect();
        for _ in 0..bench.rounds {
            for ((name, turn), entry) in contestants.iter_mut().zip(&mut entries) {
                let folder = bench.folder()?;
                self.archive.map_or(Ok(()), warm)?;
                let sample = turn(folder.path()).with_context(|| name.clone())?;
                folder.close().context("remove what a turn has left")?;
                entry.samples.push(sample);
            }
        }
        Ok(entries)
    }
}

impl Debug for Contest<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let names = self.contestants.iter().map(|(name, _)| name);
        out.debug_list().entries(names).finish()
    }
}
