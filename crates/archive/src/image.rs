//! The images of an archive, with their variants, layers and names.

use std::sync::Arc;

use jiff::Timestamp;
use sockerless_reference::{Digest, Reference};

use crate::Blob;
use crate::read::Document;
use sockerless_oci::{Artifact, Descriptor, Platform};

/// An archive that has been read: every digest, size and `diff_id` in it is verified.
#[derive(Debug)]
pub struct Archive {
    /// Its images, in its order.
    pub images: Vec<ArchiveImage>,
    /// Listed artifacts that are not loaded: signatures, charts, attestations.
    pub skipped: Skipped,
    /// Its files that are not JSON documents, whether an image needs them or not.
    pub blobs: Vec<Blob>,
}

/// The listed artifacts of an archive that are not images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skipped {
    /// The first of them, at most [`SHOWN`](Self::SHOWN).
    pub artifacts: Vec<Artifact>,
    /// How many there are in all.
    pub count: usize,
}

impl Skipped {
    /// How many are reported individually.
    pub const SHOWN: usize = 20;

    pub(crate) fn push(&mut self, artifact: Artifact) {
        self.count += 1;
        if self.artifacts.len() < Self::SHOWN {
            self.artifacts.push(artifact);
        }
    }
}

/// One image of an archive.
#[derive(Debug)]
pub struct ArchiveImage {
    /// Its manifest or index; `None` in a docker archive, which has none.
    pub target: Option<Target>,
    /// One variant per platform, the best for the daemon's platform first. Never empty.
    pub variants: Vec<ArchiveVariant>,
    /// Documents other than those of the variants: nested indexes, attestations.
    pub documents: Vec<Document>,
    /// Blobs other than the layers of the variants: attestations too large for a document.
    pub blobs: Vec<Digest>,
    /// The names that the archive gives it, each with a tag and once.
    pub names: Vec<Reference>,
}

/// A manifest or index.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its bytes.
    pub document: Document,
    /// Its media type.
    pub media_type: String,
}

/// The image of one platform. Cheap to clone: several images may share it.
#[derive(Debug, Clone)]
pub struct ArchiveVariant {
    /// The platform it runs on.
    pub platform: Platform,
    /// Its manifest; `None` in a docker archive.
    pub manifest: Option<Document>,
    /// Its config.
    pub config: Document,
    /// When it was made, if its config says so.
    pub created: Option<Timestamp>,
    /// Its layers, base first.
    pub layers: Arc<[ArchiveLayer]>,
}

/// One layer.
#[derive(Debug, Clone)]
pub struct ArchiveLayer {
    /// Digest of the uncompressed tar.
    pub diff_id: Digest,
    /// The member that holds it.
    pub entry: String,
    /// What the manifest says about it.
    pub descriptor: Option<Descriptor>,
    /// Where its bytes are.
    pub presence: Presence,
}

/// Where the bytes of a layer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// In the archive: the blob with this digest is verified to be the layer.
    Here(Digest),
    /// Left out by the writer of the archive, which assumes that the receiver has them.
    LeftOut,
    /// Deliberately kept elsewhere, at the descriptor's `urls`.
    Foreign,
}

impl ArchiveVariant {
    /// Whether a layer has to be found somewhere else.
    pub fn leaves_out(&self) -> bool {
        self.layers
            .iter()
            .any(|layer| layer.presence == Presence::LeftOut)
    }
}
