//! Removing blobs that no image refers to.

use std::collections::HashSet;
use std::time::Duration;

use sockerless_content::Swept;

use super::{BATCH, Retention};
use crate::Error;

impl Retention {
    /// Removes blobs that no image refers to and that have been here longer than `grace`, and then
    /// [shrinks the cache](Self::shrink).
    ///
    /// # Errors
    /// Those of the disk and of the state; what was removed until then stays removed.
    pub(crate) async fn sweep(&self, grace: Duration) -> Result<Swept, Error> {
        let mut total = Swept::default();
        let settled = self.blocking(move |content| content.settled(grace)).await?;
        for batch in settled.chunks(BATCH) {
            // Checked before the lock is taken, so that loads wait only when there is something to
            // remove.
            let referenced: HashSet<_> =
                self.0.state.referenced(batch).await?.into_iter().collect();
            let unneeded = batch.iter().filter(|digest| !referenced.contains(*digest));
            let unneeded: Vec<_> = unneeded.copied().collect();
            if unneeded.is_empty() {
                continue;
            }
            let swept = self.removing().await.remove(&unneeded, grace).await?;
            total.blobs += swept.blobs;
            total.bytes += swept.bytes;
        }
        self.shrink(grace).await?;
        let size = self.0.content.size();
        if let Some(limit) = self.0.limit.filter(|limit| size > *limit) {
            tracing::warn!(
                size,
                limit,
                "more is kept than it should be: the rest is in use, or nowhere else"
            );
        }
        Ok(total)
    }
}
