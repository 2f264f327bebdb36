//! What a load has read but not recorded yet, as a source for staging.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sockerless_content::StagedBlob;
use sockerless_reference::Digest;
use sockerless_state::{Addition, Image};

use crate::layer_source::LayerSource;
use crate::publish::Parts;
use crate::{Error, Images};

/// Documents and blobs of a load that are not recorded yet.
#[derive(Debug)]
pub(crate) struct Fresh {
    documents: HashMap<Digest, Bytes>,
    /// The files of blobs that are not committed yet.
    files: HashMap<Digest, PathBuf>,
}

impl Fresh {
    pub(crate) fn of(addition: &Addition, staged: &[StagedBlob]) -> Self {
        let file = |blob: &StagedBlob| Some((blob.digest(), blob.path().map(Path::to_owned)?));
        Self {
            documents: addition.documents.iter().cloned().collect(),
            files: staged.iter().filter_map(file).collect(),
        }
    }

    fn layer(&self, digest: Digest) -> Option<LayerSource> {
        self.files.get(&digest).cloned().map(LayerSource::File)
    }
}

impl Images {
    /// The parts of an image while its archive is being loaded.
    pub(crate) async fn parts_of_load(&self, image: &Image, fresh: &Fresh) -> Result<Parts, Error> {
        let mut parts = Parts::default();
        let of_variants = image.variants.iter().flat_map(|v| [v.manifest, v.config]);
        let documents = of_variants.chain([image.target]);
        for digest in documents.chain(image.documents.iter().copied()) {
            if let Some(bytes) = fresh.documents.get(&digest) {
                parts.documents.insert(digest, bytes.clone());
            }
        }
        for blob in &image.blobs {
            let source = fresh.layer(*blob);
            parts.layers.extend(source.map(|source| (*blob, source)));
        }
        for layer in image.variants.iter().flat_map(|variant| &variant.layers) {
            if parts.layers.contains_key(&layer.digest) {
                continue;
            }
            let source = match fresh.layer(layer.digest) {
                Some(file) => Some(file),
                None if layer.size == 0 => Some(LayerSource::Empty),
                None => self.source_of(layer.digest, layer.size).await?,
            };
            parts
                .layers
                .extend(source.map(|source| (layer.digest, source)));
        }
        Ok(parts)
    }
}
