use sockerless_reference::Digest;

/// What the tar of a layer became when it was compressed, so that no layer is compressed twice.
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

/// What was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Encodings.
    pub encodings: u64,
    /// Locations.
    pub locations: u64,
    /// Whether there may be more: as many were looked at as was said.
    pub more: bool,
}

/// The form in which one variant of an image lies in a staging repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// Target of the image.
    pub target: Digest,
    /// Digest of the variant's config, which tells the variant.
    pub config: Digest,
    /// The canonical repository: `127.0.0.1:5000/staging`.
    pub repository: String,
    /// Digest of the manifest there. It is a document, kept as long as the image.
    pub manifest: Digest,
}
