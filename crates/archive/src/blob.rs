//! Files of an archive that may be layers.

use std::sync::Arc;

use bytes::Bytes;
use sockerless_content::StagedBlob;
use sockerless_reference::Digest;

use crate::decode::DecodeError;
use crate::read::Layer;
use crate::{Compression, TarError};

/// A file of the archive that is not a JSON document: most likely a layer.
#[derive(Debug)]
pub struct Blob {
    /// Its bytes, hashed and not yet in the content store.
    pub staged: StagedBlob,
    /// How it is compressed.
    pub compression: Compression,
    layer: Result<Layer, Arc<LayerFault>>,
    /// Its first bytes, for errors that say what was found.
    pub(crate) start: Bytes,
}

/// The tar in a layer blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerTar {
    /// Digest of the uncompressed tar.
    pub diff_id: Digest,
    /// Bytes of the uncompressed tar.
    pub size: u64,
    /// Total bytes of the files in it.
    pub content_size: u64,
}

/// Why a blob is not a layer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayerFault {
    /// Its compression is broken.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It is not a tar, or has an entry that no runtime can unpack.
    #[error(transparent)]
    Tar(#[from] TarError),
}

impl Blob {
    pub(crate) fn new(
        staged: StagedBlob,
        compression: Compression,
        layer: Result<Layer, LayerFault>,
        start: Bytes,
    ) -> Self {
        Self {
            staged,
            compression,
            layer: layer.map_err(Arc::new),
            start,
        }
    }

    /// Its tar, if it is a layer.
    ///
    /// # Errors
    /// [`LayerFault`] when it is not one.
    pub fn layer(&self) -> Result<LayerTar, Arc<LayerFault>> {
        self.whole_layer().map(|layer| layer.tar)
    }

    /// As [`layer`](Self::layer), with what the layers above need.
    pub(crate) fn whole_layer(&self) -> Result<&Layer, Arc<LayerFault>> {
        self.layer.as_ref().map_err(Arc::clone)
    }
}
