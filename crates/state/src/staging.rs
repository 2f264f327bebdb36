//! Encodings of layers and staged forms of images.

use sockerless_reference::Digest;

/// The compressed form of a layer's tar, recorded so that no layer is compressed twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// Digest of the uncompressed tar.
    pub diff_id: Digest,
    /// How it was compressed: `gzip`, `zstd`.
    pub encoding: String,
    /// Digest of the compressed blob. Its bytes need not be here.
    pub digest: Digest,
    /// Bytes of that blob.
    pub size: u64,
}

/// How many records were removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Encodings.
    pub encodings: u64,
    /// Locations.
    pub locations: u64,
    /// Whether there may be more: the limit was reached.
    pub more: bool,
}

/// The form of one variant of an image in a staging repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// Target of the image.
    pub target: Digest,
    /// Digest of the variant's config, which identifies the variant.
    pub config: Digest,
    /// The canonical repository: `127.0.0.1:5000/staging`.
    pub repository: String,
    /// Digest of the manifest there. It is a document, kept as long as the image.
    pub manifest: Digest,
}
