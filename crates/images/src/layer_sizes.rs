//! The sizes of the files in layers, as far as they are known, and chain IDs.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use sockerless_reference::Digest;
use sockerless_state::{Layer, Variant};

use crate::{Error, Images};

impl Images {
    /// Bytes of the files in each layer of a variant, base first; `None` for one that was never
    /// read here.
    pub(crate) async fn layer_sizes(&self, variant: &Variant) -> Result<Vec<Option<u64>>, Error> {
        let diff_ids: Vec<_> = variant.layers.iter().map(|layer| layer.diff_id).collect();
        let known = self.content_sizes(&diff_ids).await?;
        let size = |layer: &Layer| layer.content_size_or(known.get(&layer.diff_id).copied());
        Ok(variant.layers.iter().map(size).collect())
    }

    /// Bytes of the files in each of the tars with these digests, as far as they were read here.
    pub(crate) async fn content_sizes(
        &self,
        diff_ids: &[Digest],
    ) -> Result<HashMap<Digest, u64>, Error> {
        let blobs = self.state.blobs_with_diff_ids(diff_ids).await?;
        let blobs = blobs.iter().map(|blob| (blob.diff_id, blob.content_size));
        Ok(blobs.collect())
    }
}

/// The chain IDs of a variant's layers, base first: each identifies a layer together with those
/// below it.
pub(crate) fn chain_ids(variant: &Variant) -> Vec<Digest> {
    let mut chain: Option<Digest> = None;
    let layers = variant.layers.iter().map(|layer| {
        let next = match chain {
            None => layer.diff_id,
            Some(below) => {
                let text = format!("{below} {}", layer.diff_id);
                Digest::from_bytes(Sha256::digest(text).into())
            }
        };
        chain = Some(next);
        next
    });
    layers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_the_digest_of_two_digests() {
        let (a, b) = (Digest::of("a"), Digest::of("b"));
        let layer = |diff_id| Layer {
            diff_id,
            digest: diff_id,
            size: 1,
            media_type: String::new(),
            urls: Vec::new(),
            content_size: None,
        };
        let variant = Variant {
            platform: sockerless_oci::Platform::default(),
            manifest: a,
            config: a,
            layers: vec![layer(a), layer(b), layer(b)],
            created: None,
        };
        let second = Digest::of(format!("{a} {b}"));
        let third = Digest::of(format!("{second} {b}"));
        assert_eq!(chain_ids(&variant), [a, second, third]);
    }
}
