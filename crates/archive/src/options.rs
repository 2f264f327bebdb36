//! Options for reading an archive.

use std::fmt;

use sockerless_content::StagedBlob;
use sockerless_oci::Platform;

use crate::compression::Compression;
use crate::limits::Limits;
use crate::memory::{Memory, Unshared};

/// How [`read`](crate::read) reads an archive.
#[derive(Clone, Copy)]
pub struct ReadOptions<'a> {
    /// Limits of an archive.
    pub limits: &'a Limits,
    /// The best variant of a multi-platform image for this platform comes first.
    pub preferred: &'a Platform,
    /// Only the best variant of a multi-platform image for this platform is loaded.
    pub only: Option<&'a Platform>,
    /// Called with each file that may be a layer as soon as its last byte is hashed, long before it
    /// is known whether an image needs it. It must not block.
    pub arrived: &'a (dyn Fn(&StagedBlob, Compression) + Sync),
    /// The source of the memory that an archive needs.
    pub memory: &'a dyn Memory,
}

impl<'a> ReadOptions<'a> {
    /// Options that load all variants of every image, with unshared memory.
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
