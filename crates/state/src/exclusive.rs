//! Jobs that only one daemon does at a time, and the right to do one.

use std::fmt;

/// A job that only one of the daemons that share a state may do at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Job {
    /// Removing unused images.
    PruneImages,
    /// Removing containers.
    PruneContainers,
    /// Removing unneeded records of registries.
    Forget,
}

impl Job {
    /// Its number, for stores whose locks have numbers. It never changes.
    pub(crate) fn number(self) -> i32 {
        match self {
            Self::PruneImages => 1,
            Self::PruneContainers => 2,
            Self::Forget => 3,
        }
    }
}

/// The right to do a [`Job`], until it is dropped or the daemon is gone.
#[must_use = "the job may be done only while this lives"]
pub struct Exclusive {
    release: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Exclusive {
    /// A right that is given back with `release`.
    pub fn new(release: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self {
            release: Some(Box::new(release)),
        }
    }
}

impl Drop for Exclusive {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            release();
        }
    }
}

impl fmt::Debug for Exclusive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exclusive").finish_non_exhaustive()
    }
}
