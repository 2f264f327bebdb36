//! The disk usage of images, for `docker system df`.

use std::collections::{HashMap, HashSet};

use sockerless_reference::Digest;

use crate::layer_sizes::chain_ids;
use crate::{Error, ImageFilter, ImageList, Images};

/// The disk usage of images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of the files in all layers that were read here, each counted once.
    pub layers_size: u64,
    /// How many images there are.
    pub images: u64,
    /// How many of them containers use.
    pub used_images: u64,
    /// Bytes of the layers that these do not share with other images, as far as they are known.
    pub used_size: u64,
}

/// How many images have each layer, by its chain ID.
#[derive(Debug, Clone, Default)]
pub struct Sharing(HashMap<Digest, u32>);

impl Images {
    /// The disk usage of images, and what they share.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) when the state cannot be read.
    pub async fn usage(&self) -> Result<(Usage, Sharing), Error> {
        let sharing = self.sharing().await?;
        let mut usage = Usage::default();
        let mut counted = HashSet::new();
        let mut walk = self.walk();
        loop {
            let page = walk.next_page().await?;
            if page.is_empty() {
                return Ok((usage, Sharing(sharing)));
            }
            let ids: Vec<_> = page.iter().map(|found| found.image.id).collect();
            let users = self.state.users(&ids).await?;
            let used: HashSet<_> = users.iter().map(|users| users.image).collect();
            usage.images += page.len() as u64;
            for found in &page {
                let Some(variant) = found.image.variants.get(found.variant) else {
                    continue;
                };
                let sizes = self.layer_sizes(variant).await?;
                let mut shared = 0;
                for (chain, size) in chain_ids(variant).into_iter().zip(sizes) {
                    let size = size.unwrap_or(0);
                    if counted.insert(chain) {
                        usage.layers_size += size;
                    }
                    if sharing.get(&chain).is_some_and(|images| *images > 1) {
                        shared += size;
                    }
                }
                if used.contains(&found.image.id) {
                    usage.used_images += 1;
                    usage.used_size += found.content_size.unwrap_or(0).saturating_sub(shared);
                }
            }
        }
    }

    /// Every image, the newest first, with what it shares.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub async fn used_images(&self, sharing: Sharing) -> Result<ImageList, Error> {
        let list = self.list(ImageFilter::default(), false).await?;
        Ok(list.with_sharing(sharing.0))
    }
}
