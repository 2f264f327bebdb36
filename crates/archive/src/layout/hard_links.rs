//! The check that hard links across layers have a target.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

use sockerless_oci::Platform;

use crate::image::{ArchiveLayer, Presence};
use crate::read::{Layer, Members, Resolved};
use crate::{Error, LayerFault};

/// Maximum number of look-ups of a load, however many images list the same layers. Beyond it, links
/// are accepted unchecked.
const LOOK_UPS: usize = 2_000_000;

/// Finds hard links without a target.
///
/// A link may lead to a file of a lower layer, so all layers of an image are checked in order. If
/// the result is uncertain, because a layer is absent, has too many files or writes through links
/// of another, the image is accepted.
#[derive(Debug)]
pub(super) struct HardLinks {
    left: Cell<usize>,
}

impl Default for HardLinks {
    fn default() -> Self {
        Self {
            left: Cell::new(LOOK_UPS),
        }
    }
}

impl HardLinks {
    /// Checks the layers of one image, base first.
    pub(super) fn check(
        &self,
        members: &Members,
        platform: &Platform,
        layers: &[ArchiveLayer],
    ) -> Result<(), Error> {
        // Windows base layers are special, and their names are case-insensitive.
        if platform.os.eq_ignore_ascii_case("windows") {
            return Ok(());
        }
        let mut seen = HashSet::new();
        let mut below: Vec<&Layer> = Vec::new();
        for (index, layer) in layers.iter().enumerate() {
            let Presence::Here(digest) = layer.presence else {
                return Ok(());
            };
            if !seen.insert(digest) {
                continue;
            }
            let Resolved::Blob(blob) = members.get(&layer.entry)? else {
                return Ok(());
            };
            let Ok(found) = blob.whole_layer() else {
                return Ok(());
            };
            for link in &found.elsewhere {
                if !self.spend(1 + below.len()) {
                    return Ok(());
                }
                let there = |layer: &&Layer| {
                    let paths = layer.paths.as_ref();
                    paths.is_none_or(|paths| paths.may_have(&link.target))
                };
                if below.iter().any(there) {
                    continue;
                }
                if self.pass_through_links(&below, found) {
                    return Ok(());
                }
                return Err(Error::Layer {
                    index,
                    entry: layer.entry.clone(),
                    source: Arc::new(LayerFault::Tar(link.leads_nowhere())),
                });
            }
            below.push(found);
        }
        Ok(())
    }

    /// Whether a layer may write through links of one below it, so that there are more files than
    /// its entries; also true if the check would take too many look-ups.
    fn pass_through_links(&self, below: &[&Layer], last: &Layer) -> bool {
        let layers: Vec<_> = below.iter().copied().chain([last]).collect();
        layers.iter().enumerate().any(|(height, layer)| {
            // The last layer knows all of its own links.
            let Some(paths) = &layer.paths else {
                return height > 0;
            };
            layers[..height].iter().any(|lower| {
                !self.spend(paths.len())
                    || lower
                        .paths
                        .as_ref()
                        .is_none_or(|lower| paths.may_pass_through(lower))
            })
        })
    }

    /// Uses up this many look-ups; false if too few are left.
    fn spend(&self, count: usize) -> bool {
        let left = self.left.get().checked_sub(count);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}
