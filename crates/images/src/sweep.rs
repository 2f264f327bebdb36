use std::collections::HashSet;
use std::time::Duration;

use sockerless_content::Swept;

use crate::{Error, Images};

/// Blobs that are looked up and removed at a time, so that loads are never held up for long.
const BATCH: usize = 256;

impl Images {
    /// Removes blobs that no image refers to and that have been here longer than `grace`, and then
    /// [what is too much](Self::shrink_cache).
    ///
    /// A crash between the writing of blobs and the recording of their image leaves such ones, and
    /// so does another daemon that removes an image.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) when the disk or the state fails; what was
    /// removed until then stays removed.
    pub async fn sweep(&self, grace: Duration) -> Result<Swept, Error> {
        let mut total = Swept::default();
        let settled = self.blocking(move |content| content.settled(grace)).await?;
        for batch in settled.chunks(BATCH) {
            let referenced: HashSet<_> = self.state.referenced(batch).await?.into_iter().collect();
            let nobodys = batch.iter().filter(|digest| !referenced.contains(*digest));
            let nobodys: Vec<_> = nobodys.copied().collect();
            if nobodys.is_empty() {
                continue;
            }
            // Asked again while no load is between its blobs and its names.
            let _alone = self.recording.write().await;
            let referenced: HashSet<_> =
                self.state.referenced(&nobodys).await?.into_iter().collect();
            let nobodys = nobodys
                .into_iter()
                .filter(|digest| !referenced.contains(digest));
            let nobodys = self.pins.free(nobodys);
            let swept = self
                .blocking(move |content| content.remove(&nobodys, grace))
                .await?;
            total.blobs += swept.blobs;
            total.bytes += swept.bytes;
        }
        self.shrink_cache(grace).await?;
        let size = self.content.size();
        if let Some(limit) = self.config.cache_size.filter(|limit| size > *limit) {
            tracing::warn!(
                size,
                limit,
                "more is kept than it should be: the rest is in use, or nowhere else"
            );
        }
        Ok(total)
    }
}
