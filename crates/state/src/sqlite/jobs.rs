//! Jobs that are running, for a state with one process.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Exclusive, Job};

/// The jobs that are being done. Only one process uses the database, so they are in memory.
#[derive(Debug, Clone, Default)]
pub(super) struct RunningJobs(Arc<Mutex<HashSet<Job>>>);

impl RunningJobs {
    /// The right to do this job, unless it is taken.
    pub(super) fn begin(&self, job: Job) -> Option<Exclusive> {
        let jobs = self.clone();
        let begun = self.lock().insert(job);
        begun.then(|| {
            Exclusive::new(move || {
                jobs.lock().remove(&job);
            })
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
