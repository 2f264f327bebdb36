//! Finds layers that an archive omits among those that are known here or in a registry.

use std::collections::{BTreeSet, HashMap};

use sockerless_archive::{Archive, Presence};
use sockerless_reference::Digest;
use sockerless_state::Blob;
use tracing::info;

use crate::retention::Pinned;
use crate::{Error, Images};

/// Blobs that replace the layers that an archive omits, by `diff_id`.
pub(super) type KnownLayers = HashMap<Digest, Vec<Blob>>;

impl Images {
    /// Looks for the layers that the archive omits because its writer assumes that they are here.
    /// Each is read and verified again: a guess would make an image that cannot run. One that only
    /// a registry has is fetched.
    ///
    /// They stay here as long as the returned pins live.
    ///
    /// # Errors
    /// When one of them cannot be fetched from the registry that has it.
    pub(super) async fn known_layers(
        &self,
        archive: &Archive,
    ) -> Result<(KnownLayers, Pinned), Error> {
        let variants = archive.images.iter().flat_map(|image| &image.variants);
        let layers = variants.flat_map(|variant| variant.layers.iter());
        let left_out = layers.filter(|layer| layer.presence == Presence::LeftOut);
        // Each with the digest of its blob, if the archive has it.
        let wanted = left_out.map(|layer| {
            let described = layer.descriptor.as_ref();
            (layer.diff_id, described.map(|blob| blob.digest))
        });
        let wanted: BTreeSet<_> = wanted.collect();
        let mut known = KnownLayers::new();
        if wanted.is_empty() {
            return Ok((known, self.retention.pin([]).await));
        }
        let mut diff_ids: Vec<_> = wanted.iter().map(|(diff_id, _)| *diff_id).collect();
        diff_ids.dedup();
        let blobs = self.state.blobs_with_diff_ids(&diff_ids).await?;
        let pinned = self
            .retention
            .pin(blobs.iter().map(|blob| blob.digest))
            .await;
        let mut by_diff_id: HashMap<Digest, Vec<&Blob>> = HashMap::new();
        for blob in &blobs {
            by_diff_id.entry(blob.diff_id).or_default().push(blob);
        }
        for (diff_id, digest) in wanted {
            let alike = by_diff_id.get(&diff_id).map_or(&[][..], Vec::as_slice);
            let fits = |blob: &&Blob| digest.is_none_or(|digest| blob.digest == digest);
            let mut candidates: Vec<_> = alike.iter().copied().filter(fits).collect();
            // The tar first: with it the image is the one that a whole archive makes.
            candidates.sort_by_key(|blob| blob.digest != diff_id);
            if let Some(blob) = self.one_of(&candidates).await? {
                known.entry(diff_id).or_default().push(blob.clone());
            }
        }
        Ok((known, pinned))
    }

    /// The first of `blobs` that is here; otherwise the first that can be fetched.
    async fn one_of<'a>(&self, blobs: &[&'a Blob]) -> Result<Option<&'a Blob>, Error> {
        for blob in blobs {
            if self.is_whole(blob.digest).await {
                return Ok(Some(blob));
            }
        }
        for blob in blobs {
            let source = self.source_elsewhere(blob.digest, blob.size, None).await?;
            if let Some(source) = source {
                self.fetch(blob.digest, blob.size, &source).await?;
                return Ok(Some(blob));
            }
        }
        Ok(None)
    }

    /// Whether a blob that was recorded can be used: its bytes are here and undamaged, or layers
    /// are not kept at all and it was verified when it was read.
    async fn is_whole(&self, digest: Digest) -> bool {
        if !self.content.keeps() {
            return true;
        }
        match self.blocking(move |content| content.verify(digest)).await {
            Ok(()) => true,
            Err(error) => {
                info!(%digest, %error, "a recorded layer is not here");
                false
            }
        }
    }
}
