//! Uploads layers to the staging registry while the rest of their archive still arrives.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use sockerless_archive::Compression;
use sockerless_reference::Digest;
use sockerless_state::Layer;
use tokio::sync::mpsc;

use crate::encode::Encoding;
use crate::layer_source::LayerSource;
use crate::publish::{Destination, UPLOADS};
use crate::{Error, Images};

/// Layers that may wait for their upload. Further ones are uploaded with the image.
pub(super) const QUEUE: usize = 256;

/// The longest wait that is accepted from a registry that limits the rate of requests.
const MOST_PATIENCE: Duration = Duration::from_secs(60);

/// A file of an archive that is still arriving, most likely a layer.
#[derive(Debug)]
pub(super) struct ArrivedLayer {
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) compression: Compression,
    pub(super) path: PathBuf,
}

impl Images {
    /// Uploads layers to the staging registry while the rest of their archive arrives.
    ///
    /// It only saves time: whether the archive is sound and needs these layers shows later, when
    /// each is looked for again before its image is pushed. So no failure here is an error; the
    /// registry collects what was uploaded in vain.
    ///
    /// Returns the digests of the files that the registry has now.
    pub(super) async fn upload_early(
        &self,
        auth: Option<&str>,
        layers: mpsc::Receiver<ArrivedLayer>,
    ) -> HashSet<Digest> {
        let Some(staging) = &self.config.staging else {
            return HashSet::new();
        };
        let name = staging.repository.repository().to_owned();
        let form = staging.compression;
        let reached = self.staging_repository(&self.registries_once, staging, auth);
        let Ok(repository) = reached else {
            return HashSet::new();
        };
        let to = &Destination {
            repository,
            name,
            form,
        };
        let layers = stream::unfold(layers, |mut layers| async {
            layers.recv().await.map(|layer| (layer, layers))
        });
        let uploads = layers.map(|layer| {
            let digest = layer.digest;
            let upload = self.upload_layer(layer, to);
            Box::pin(async move {
                match upload.await {
                    Ok(uploaded) => uploaded.then_some(digest),
                    Err(error) => {
                        tracing::debug!(%digest, %error, "a layer was not uploaded early");
                        if let Some(wait) = error.retry_after() {
                            tokio::time::sleep(wait.min(MOST_PATIENCE)).await;
                        }
                        None
                    }
                }
            })
        });
        uploads
            .buffer_unordered(UPLOADS)
            .filter_map(std::future::ready)
            .collect()
            .await
    }

    /// Returns whether it was uploaded: some forms are only known when the whole archive is.
    async fn upload_layer(&self, layer: ArrivedLayer, to: &Destination) -> Result<bool, Error> {
        let ArrivedLayer {
            digest,
            size,
            compression,
            path,
        } = layer;
        let media_type = match (compression, to.form) {
            (Compression::None, _) => Encoding::Plain.media_type(),
            (Compression::Gzip, _) => Encoding::Gzip.media_type(),
            (Compression::Zstd, _) => Encoding::Zstd.media_type(),
            _ => return Ok(false),
        };
        let as_it_is = to
            .form
            .encoding()
            .is_none_or(|wanted| wanted.media_type() == media_type);
        if !as_it_is && compression != Compression::None {
            // The digest of its tar, by which its form would be recorded, is not known yet.
            return Ok(false);
        }
        let media_type = media_type.to_owned();
        let layer = Layer {
            diff_id: digest,
            digest,
            size,
            media_type,
            urls: Vec::new(),
            content_size: None,
        };
        self.publish_layer(&layer, LayerSource::File(path), to)
            .await?;
        Ok(true)
    }
}
