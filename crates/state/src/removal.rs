//! Removals of names and images, and their results.

use sockerless_reference::{Digest, Reference};

/// What to remove from the images with one ID, as they were when that was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The ID.
    pub id: Digest,
    /// Names of images with this ID.
    pub names: Vec<Reference>,
    /// Repository digests of images with this ID.
    pub repo_digests: Vec<Reference>,
    /// Whether all images with this ID are removed. They must have no other name and no other
    /// repository digest than those above.
    pub images: bool,
    /// Whether they are removed even if containers use them.
    pub although_used: bool,
}

/// The result of a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// Everything was removed.
    Done {
        /// Blobs that no image refers to any more and that one of the removed referred to, in the
        /// order of their digests.
        released: Vec<Digest>,
    },
    /// Nothing was removed: the state has changed since the decision, which has to be made again.
    Changed,
}
