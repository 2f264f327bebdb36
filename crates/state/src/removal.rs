use sockerless_reference::{Digest, Reference};

/// What is to be taken away from the images with one ID, as it looked when that was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The ID.
    pub id: Digest,
    /// Names of images with this ID.
    pub names: Vec<Reference>,
    /// Repository digests of images with this ID.
    pub repo_digests: Vec<Reference>,
    /// Whether all images with this ID go. They must have no other name and no other repository
    /// digest than those above.
    pub images: bool,
    /// Whether they go although containers use them.
    pub although_used: bool,
}

/// What became of a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// All of it was taken away.
    Done {
        /// Blobs that no image refers to any more and that one of the removed referred to, in the
        /// order of their digests.
        released: Vec<Digest>,
    },
    /// Nothing was: things are not as the removal says. Whoever decided has to look again.
    Changed,
}
