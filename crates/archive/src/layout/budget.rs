//! Budgets for what an archive refers to, and for the documents made from it.

use crate::image::ArchiveImage;
use crate::{Error, Limits};

/// Counts the references of images while they are assembled, so that a small archive with very many
/// of them is refused before they take memory.
#[derive(Debug)]
pub(super) struct Parts {
    found: u64,
    limit: u64,
}

impl Parts {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            found: 0,
            limit: limits.parts,
        }
    }

    /// Counts `more` of them.
    pub(super) fn add(&mut self, more: usize) -> Result<(), Error> {
        self.found = self.found.saturating_add(more as u64);
        let what = "platforms, layers and other parts of all images";
        Error::limit("max-parts", what, self.found, self.limit)
    }
}

/// Counts the bytes of documents generated from an archive's, in addition to those: both are in
/// memory.
#[derive(Debug)]
pub(super) struct Made {
    bytes: u64,
    limit: u64,
    document_limit: u64,
}

impl Made {
    /// A budget on top of documents and names of `kept` bytes.
    pub(super) fn beside(kept: u64, limits: &Limits) -> Self {
        Self {
            bytes: kept,
            limit: limits.documents_bytes,
            document_limit: limits.document_bytes,
        }
    }

    /// Counts a text of this many bytes, before it is generated.
    pub(super) fn add(&mut self, bytes: usize) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        Error::documents(self.bytes, self.limit)
    }

    /// Counts a config of about this many bytes, before it is generated.
    pub(super) fn add_config(&mut self, bytes: usize) -> Result<(), Error> {
        let what = "bytes of the config that is made of a v1 image";
        Error::limit(
            "max-document-bytes",
            what,
            bytes as u64,
            self.document_limit,
        )?;
        self.add(bytes)
    }
}

/// Fails when there are too many images. `found` may be the count of one of several lists.
pub(super) fn check_images(found: usize, limits: &Limits) -> Result<(), Error> {
    Error::limit("max-images", "images", found as u64, limits.images)
}

/// Fails when there are too many images, names or parts.
pub(super) fn check(images: &[ArchiveImage], limits: &Limits) -> Result<(), Error> {
    check_images(images.len(), limits)?;
    let names: usize = images.iter().map(|image| image.names.len()).sum();
    Error::limit("max-names", "names of images", names as u64, limits.names)?;
    let mut parts = Parts::new(limits);
    for image in images {
        parts.add(image.documents.len() + image.blobs.len())?;
        for variant in &image.variants {
            parts.add(1 + variant.layers.len())?;
        }
    }
    Ok(())
}
