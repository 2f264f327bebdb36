use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Findings that are kept; of more only the number is.
const KEPT: usize = 50;

/// Something that must not be.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What kind it is.
    pub sort: Sort,
    /// What was asked, answered and expected.
    pub what: String,
    /// What had happened to the same names before, the last of it last.
    pub history: Vec<String>,
}

/// What kind a [`Finding`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// It was acknowledged and not removed, and is not there.
    Lost,
    /// It is there, and was never acknowledged, nor may it have happened.
    Invented,
    /// Answers contradict each other or the archive.
    Contradiction,
    /// An error without a fault that explains it, or no answer at all.
    Unexplained,
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lost => "lost",
            Self::Invented => "invented",
            Self::Contradiction => "contradictory",
            Self::Unexplained => "unexplained",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.sort, self.what)?;
        for line in &self.history {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

/// What all clients found.
#[derive(Debug, Default)]
pub(crate) struct Findings(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    kept: Vec<Finding>,
    /// How many there were of each sort, whether they are kept or not.
    counts: [u64; 4],
}

impl Findings {
    pub(crate) fn add(&self, finding: Finding) {
        let mut state = self.lock();
        state.counts[finding.sort as usize] += 1;
        if state.kept.len() < KEPT {
            state.kept.push(finding);
        }
    }

    /// Those that were kept, and how many there were of each sort.
    pub(crate) fn take(&self) -> (Vec<Finding>, [u64; 4]) {
        let mut state = self.lock();
        (std::mem::take(&mut state.kept), state.counts)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
