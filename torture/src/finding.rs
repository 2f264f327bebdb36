use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Findings that are kept; further ones are only counted.
const KEPT: usize = 50;

/// A violation of what must hold.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Its kind.
    pub sort: Sort,
    /// The request, the response and the expectation.
    pub what: String,
    /// The history of the same names, the last operation last.
    pub history: Vec<String>,
}

/// What kind a [`Finding`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// It was acknowledged and not removed, but is missing.
    Lost,
    /// It exists, but was never acknowledged and cannot be the result of a failed operation.
    Invented,
    /// Responses contradict each other or the archive.
    Contradiction,
    /// An error without a fault that explains it, or no response at all.
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

/// The findings of all clients.
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
