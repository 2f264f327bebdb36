use std::fmt;
use std::time::Duration;

use crate::ending::Checked;
use crate::finding::{Finding, Sort};
use crate::tally::Counts;

/// The operations and findings of a run. Displayed as Markdown.
#[derive(Debug)]
pub struct Report {
    /// The seed of all random numbers.
    pub seed: u64,
    pub(crate) daemons: usize,
    pub(crate) clients: usize,
    pub(crate) operations: u64,
    pub(crate) operated: Duration,
    pub(crate) took: Duration,
    pub(crate) tally: Counts,
    pub(crate) checked: Checked,
    /// The findings; of very many only the first.
    pub findings: Vec<Finding>,
    pub(crate) counts: [u64; 4],
}

impl Report {
    /// Whether there are no findings.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.counts.iter().all(|count| *count == 0)
    }

    /// How many findings of this sort there are.
    #[must_use]
    pub fn count(&self, sort: Sort) -> u64 {
        self.counts[sort as usize]
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} operations of {} clients through {} daemons in {:.0?} (with start and end {:.0?}), \
             seed {}.\n",
            self.operations, self.clients, self.daemons, self.operated, self.took, self.seed
        )?;
        writeln!(
            f,
            "| operation | done | refused | 503 | other 5xx | broken | longest |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|--:|")?;
        for (kind, row) in &self.tally.requests {
            writeln!(
                f,
                "| {kind} | {} | {} | {} | {} | {} | {:.1} s |",
                row.done,
                row.refused,
                row.unavailable,
                row.failed,
                row.broken,
                row.longest.as_secs_f64()
            )?;
        }
        writeln!(f, "\n| fault | times |\n|---|--:|")?;
        for (kind, count) in &self.tally.faults {
            writeln!(f, "| {kind} | {count} |")?;
        }
        writeln!(f, "\n| at the end | |\n|---|--:|")?;
        let Checked {
            images,
            names,
            containers,
            saved,
            events,
        } = self.checked;
        for (what, count) in [
            ("images", images),
            ("names", names),
            ("containers", containers),
            ("names saved and verified, from every daemon", saved),
            ("events that all daemons tell alike", events),
        ] {
            writeln!(f, "| {what} | {count} |")?;
        }
        for sort in [
            Sort::Lost,
            Sort::Invented,
            Sort::Contradiction,
            Sort::Unexplained,
        ] {
            writeln!(f, "| **{sort}** | **{}** |", self.count(sort))?;
        }
        if !self.tally.errors.is_empty() {
            writeln!(f, "\n| error | times |\n|---|--:|")?;
            for (text, count) in &self.tally.errors {
                writeln!(f, "| {} | {count} |", text.replace('|', "\\|"))?;
            }
        }
        if !self.findings.is_empty() {
            writeln!(f, "\nFound:\n\n```")?;
            for finding in &self.findings {
                writeln!(f, "{finding}\n")?;
            }
            writeln!(f, "```")?;
        }
        Ok(())
    }
}
