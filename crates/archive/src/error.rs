//! Errors of reading an archive.

use std::sync::Arc;

use sockerless_reference::{Digest, ReferenceError};

use crate::{DecodeError, LayerFault, TarError};

/// Why an archive could not be read, with the entry, what was expected and what was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The archive has no bytes.
    #[error("the archive is empty: expected a tar archive, found no bytes")]
    Empty,
    /// The stream, or its compression, is broken.
    #[error("the archive cannot be decoded: {source}")]
    Decode {
        /// What went wrong.
        source: DecodeError,
    },
    /// It is not a valid tar.
    #[error("the archive is not a valid tar: {source}{}", place(entry))]
    Tar {
        /// The member at which it fails.
        entry: Option<String>,
        /// What is wrong.
        source: TarError,
    },
    /// It is something else, recognised by its first bytes.
    #[error("the {what} is not a valid tar: it is {found}")]
    NotTar {
        /// "archive", "file system".
        what: &'static str,
        /// What it is.
        found: &'static str,
        /// Why it is not a tar.
        source: TarError,
    },
    /// A root file system cannot be decoded, or is not a tar.
    #[error("the file system {}: {source}", verdict(source))]
    FileSystem {
        /// What is wrong with it.
        source: LayerFault,
    },
    /// It exceeds a limit.
    #[error("too many {what}: found {found}, the limit {name} is {limit}")]
    Limit {
        /// The option that sets the limit.
        name: &'static str,
        /// What there are too many of.
        what: String,
        /// How many there are, at least.
        found: u64,
        /// How many are allowed.
        limit: u64,
    },
    /// A name leads outside the archive.
    #[error("{entry:?} leads out of the archive")]
    Climbs {
        /// The name.
        entry: String,
    },
    /// A link of the archive leads nowhere, or in a circle.
    #[error("{entry:?} is a link to {target:?}, which is not in the archive")]
    Link {
        /// The name that was looked up.
        entry: String,
        /// Where the links ended.
        target: String,
    },
    /// A needed member is sparse in a form that is not supported.
    #[error(
        "{entry:?} is an old GNU sparse file (tar type 'S'), which is not supported: pack the archive \
         with tar --format=pax, or without --sparse"
    )]
    OldSparse {
        /// The name that was looked up.
        entry: String,
    },
    /// The holes of a member would expand too much.
    #[error(
        "the holes of {entry:?} make more than {produced} bytes of an archive of {received}: a bomb \
         (limit max-expansion-ratio is {limit})"
    )]
    Holes {
        /// The member.
        entry: String,
        /// Bytes received.
        received: u64,
        /// Bytes of holes so far.
        produced: u64,
        /// The limit's value.
        limit: u64,
    },
    /// No document lists images.
    #[error(
        "invalid archive: does not contain a manifest.json, an OCI index.json or a repositories \
         file"
    )]
    NoManifest,
    /// It lists no image, or none that was requested.
    #[error("the archive has no image to load: {reason}")]
    NoImage {
        /// Why there is none.
        reason: String,
    },
    /// A member that another one refers to is missing.
    #[error("{what} {entry:?} is not in the archive, {wanted_by} names it")]
    Missing {
        /// "config", "layer", "manifest".
        what: &'static str,
        /// The name.
        entry: String,
        /// The member that refers to it.
        wanted_by: String,
    },
    /// A document is invalid, or something else is in its place.
    #[error("invalid {what} {entry:?}: {reason}")]
    Document {
        /// "config", "manifest", "layer".
        what: &'static str,
        /// Its name.
        entry: String,
        /// Expected and found.
        reason: String,
    },
    /// A member does not have the digest in its descriptor.
    #[error("{what} {entry:?} does not match its digest: expected {expected}, found {found}")]
    Digest {
        /// "config", "layer", "manifest".
        what: &'static str,
        /// Its name.
        entry: String,
        /// What the descriptor says.
        expected: Digest,
        /// The digest of its bytes.
        found: Digest,
    },
    /// A member does not have the size in its descriptor.
    #[error("{what} {entry:?} has the wrong size: expected {expected} bytes, found {found}")]
    Size {
        /// "config", "layer", "manifest".
        what: &'static str,
        /// Its name.
        entry: String,
        /// What the descriptor says.
        expected: u64,
        /// The size found.
        found: u64,
    },
    /// A layer does not have the `diff_id` in the config.
    #[error("invalid diffID for layer {index} ({entry:?}): expected {expected}, found {found}")]
    DiffId {
        /// Its number, from the base.
        index: usize,
        /// Its name.
        entry: String,
        /// What the config says.
        expected: Digest,
        /// The digest of its uncompressed bytes.
        found: Digest,
    },
    /// The manifest and the config have different numbers of layers.
    #[error(
        "layers length mismatch: config {config} has {expected} diff_ids, {manifest} has {found} \
         layers"
    )]
    LayerCount {
        /// Digest of the config.
        config: Digest,
        /// The document that lists the layers.
        manifest: String,
        /// How many the config has.
        expected: usize,
        /// How many are listed.
        found: usize,
    },
    /// A layer is not a tar, or its compression is broken.
    #[error("layer {index} ({entry:?}) is not a valid layer: {source}")]
    Layer {
        /// Its number, from the base.
        index: usize,
        /// Its name.
        entry: String,
        /// What is wrong with it.
        source: Arc<LayerFault>,
    },
    /// A name of an image in the archive is invalid.
    #[error("invalid image name {name:?} in {entry}: {source}")]
    Name {
        /// The document with the name.
        entry: &'static str,
        /// The name.
        name: String,
        /// What is wrong with it.
        source: ReferenceError,
    },
    /// A blob could not be written.
    #[error(transparent)]
    Content(#[from] sockerless_content::Error),
    /// It needs a lot of memory, and none is left.
    #[error(transparent)]
    OutOfMemory(#[from] crate::OutOfMemory),
    /// A thread that reads the archive panicked.
    #[error("the thread that reads the archive has panicked")]
    Panicked,
}

impl Error {
    /// Fails when documents and names of `found` bytes are too large to be kept in memory.
    pub(crate) fn documents(found: u64, limit: u64) -> Result<(), Self> {
        let what = "bytes of documents and names";
        Self::limit("max-documents-bytes", what, found, limit)
    }

    /// Fails when `found` exceeds `limit`.
    pub(crate) fn limit(
        name: &'static str,
        what: impl Into<String>,
        found: u64,
        limit: u64,
    ) -> Result<(), Self> {
        if found <= limit {
            return Ok(());
        }
        Err(Self::Limit {
            name,
            what: what.into(),
            found,
            limit,
        })
    }
}

fn verdict(fault: &LayerFault) -> &'static str {
    match fault {
        LayerFault::Decode(_) => "cannot be decoded",
        LayerFault::Tar(TarError::Entry { .. }) => "cannot be unpacked",
        LayerFault::Tar(_) => "is not a valid tar",
    }
}

fn place(entry: &Option<String>) -> String {
    entry
        .as_ref()
        .map(|entry| format!(", in {entry:?}"))
        .unwrap_or_default()
}
