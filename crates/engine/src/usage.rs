use std::collections::HashSet;

use crate::layer_sizes::chain_ids;
use crate::{Engine, Error, ImageFilter, ImageRow};

/// What takes how much space.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// Bytes of the files in all layers, each counted once.
    pub layers_size: u64,
    /// Every image, the newest first, with what it shares.
    pub images: Vec<ImageRow>,
}

impl Engine {
    /// How much space images take.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) when the state cannot be read.
    pub async fn usage(&self) -> Result<Usage, Error> {
        let mut usage = Usage::default();
        let mut counted = HashSet::new();
        let mut list = self.list(ImageFilter::default(), true).await?;
        loop {
            let page = list.next_page().await?;
            if page.is_empty() {
                return Ok(usage);
            }
            for row in &page {
                let found = &row.found;
                let Some(variant) = found.image.variants.get(found.variant) else {
                    continue;
                };
                let sizes = self.layer_sizes(variant).await?;
                for (chain, size) in chain_ids(variant).into_iter().zip(sizes) {
                    if counted.insert(chain) {
                        usage.layers_size += size;
                    }
                }
            }
            usage.images.extend(page);
        }
    }
}
