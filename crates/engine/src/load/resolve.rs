use std::collections::HashMap;

use sockerless_archive::{Archive, Presence};
use sockerless_reference::Digest;
use sockerless_state::Blob;
use tracing::warn;

use crate::pins::Pinned;
use crate::{Engine, Error};

/// Blobs that stand for the layers that an archive leaves out, by `diff_id`.
pub(super) type KnownLayers = HashMap<Digest, Vec<Blob>>;

impl Engine {
    /// Looks for the layers that the archive leaves out because its writer thinks that they are
    /// here. Each is read and verified again: a guess would make an image that cannot run.
    ///
    /// They stay here as long as what is given beside them lives.
    pub(super) async fn known_layers(
        &self,
        archive: &Archive,
    ) -> Result<(KnownLayers, Pinned), Error> {
        let variants = archive.images.iter().flat_map(|image| &image.variants);
        let layers = variants.flat_map(|variant| &variant.layers);
        let left_out = layers.filter(|layer| layer.presence == Presence::LeftOut);
        let mut diff_ids: Vec<_> = left_out.map(|layer| layer.diff_id).collect();
        diff_ids.sort_unstable();
        diff_ids.dedup();
        let mut known = KnownLayers::new();
        if diff_ids.is_empty() {
            return Ok((known, self.pin([]).await));
        }
        let blobs = self.state.blobs_with_diff_ids(&diff_ids).await?;
        let pinned = self.pin(blobs.iter().map(|blob| blob.digest)).await;
        for blob in blobs {
            if self.is_whole(blob.digest).await {
                known.entry(blob.diff_id).or_default().push(blob);
            }
        }
        Ok((known, pinned))
    }

    /// Whether a blob that was recorded can be used: its bytes are here and undamaged, or layers
    /// are not kept at all and it was verified when it passed by.
    async fn is_whole(&self, digest: Digest) -> bool {
        if !self.content.keeps() {
            return true;
        }
        match self.blocking(move |content| content.verify(digest)).await {
            Ok(()) => true,
            Err(error) => {
                warn!(%digest, error = %error, "a recorded layer cannot be used again");
                false
            }
        }
    }
}
