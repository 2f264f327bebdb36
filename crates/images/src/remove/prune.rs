//! Removes all images that a filter selects and no container uses.

use sockerless_events::ObjectType;
use sockerless_oci::Time;
use sockerless_state::{Found, Job};
use std::time::Instant;

use crate::{Error, ImageFilter, Images, RemovedItem, journal};

/// What a prune removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruned {
    /// What was removed, in order.
    pub items: Vec<RemovedItem>,
    /// Bytes on disk that were freed.
    pub reclaimed: u64,
}

impl Images {
    /// Removes every image that matches and that no container uses. Without
    /// [`dangling`](ImageFilter::dangling) those without a name, with `Some(false)` also those with
    /// one. `before`, `since` and `references` are ignored.
    ///
    /// An image that is changed concurrently is skipped.
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::Kind::Conflict) while another prune runs, in this daemon or in another one.
    pub async fn prune(&self, filter: ImageFilter) -> Result<Pruned, Error> {
        let running = self.state.exclusive(Job::PruneImages).await?;
        let _running = running.ok_or_else(Error::already_pruning)?;
        let begun = Instant::now();
        let mut pruned = Pruned::default();
        let mut walk = self.walk();
        loop {
            let page = walk.next_page().await?;
            if page.is_empty() {
                break;
            }
            for found in page {
                if filter.dangling != Some(false) && !found.names.is_empty() {
                    continue;
                }
                let is_used = !self.state.users(&[found.image.id]).await?.is_empty();
                if is_used || !self.is_pruned(&filter, &found).await? {
                    continue;
                }
                let names = found.names.iter().chain(&found.repo_digests);
                let untagged = names.cloned().collect();
                if let Some(gone) = self.carry_out(&found, untagged, true, false).await? {
                    pruned.items.extend(gone.items);
                    pruned.reclaimed += gone.bytes;
                }
            }
        }
        let telling = self
            .events
            .publish_pruned(ObjectType::Image, pruned.reclaimed);
        telling.done().await;
        let images = pruned.items.iter();
        let images = images.filter(|item| matches!(item, RemovedItem::Deleted(_)));
        tracing::info!(
            images = images.count(),
            bytes = pruned.reclaimed,
            milliseconds = journal::since(begun),
            "images pruned"
        );
        Ok(pruned)
    }

    /// Whether an image matches the conditions on labels and times. One whose config cannot be read
    /// matches only if there are none: a label may protect it.
    async fn is_pruned(&self, filter: &ImageFilter, found: &Found) -> Result<bool, Error> {
        if filter.labels.is_empty() && filter.without_labels.is_empty() && filter.until.is_none() {
            return Ok(true);
        }
        let config = self.config_if_readable(found).await?;
        Ok(config.is_some_and(|config| {
            let created = config.created.map(Time::timestamp);
            filter.fits(&config.run.labels, created)
        }))
    }
}
