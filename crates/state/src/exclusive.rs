use std::fmt;

/// A job that only one daemon may do at a time, of all that share a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Job {
    /// Removing images that nobody uses.
    PruneImages,
    /// Removing containers.
    PruneContainers,
    /// Forgetting what registries have and nobody needs.
    Forget,
}

impl Job {
    /// Its number, for stores that know locks by numbers. It never changes.
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
    /// The right that `release` gives back.
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
