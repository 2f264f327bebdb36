//! What a reader of an archive wants of it.

use std::fmt;

use sockerless_content::StagedBlob;
use sockerless_oci::Platform;

use crate::compression::Compression;
use crate::limits::Limits;
use crate::memory::{Memory, Unshared};

/// How [`read`](crate::read) reads an archive.
#[derive(Clone, Copy)]
pub struct ReadOptions<'a> {
    /// What an archive may ask for.
    pub limits: &'a Limits,
    /// Of a multi-platform image, what suits this platform best comes first among the variants.
    pub preferred: &'a Platform,
    /// Of a multi-platform image, only what suits this platform best is loaded.
    pub only: Option<&'a Platform>,
    /// Called with each file that may be a layer as soon as its last byte was hashed, long before
    /// it is known whether an image needs it. It must not block.
    pub arrived: &'a (dyn Fn(&StagedBlob, Compression) + Sync),
    /// Where the memory comes from that an archive needs.
    pub memory: &'a dyn Memory,
}

impl<'a> ReadOptions<'a> {
    /// All variants of every image, with memory of its own.
    pub fn new(limits: &'a Limits, preferred: &'a Platform) -> Self {
        Self {
            limits,
            preferred,
            only: None,
            arrived: &|_, _| {},
            memory: &Unshared,
        }
    }
}

impl fmt::Debug for ReadOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOptions")
            .field("limits", self.limits)
            .field("preferred", self.preferred)
            .field("only", &self.only)
            .finish_non_exhaustive()
    }
}
