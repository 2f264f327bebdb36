use std::time::Duration;

use sockerless_content::Swept;

use crate::{Engine, Error};

/// Blobs that are looked up and removed at a time, so that loads are never held up for long.
const BATCH: usize = 256;

impl Engine {
    /// Removes blobs that no image refers to and that have been here longer than `grace`.
    ///
    /// A crash between the writing of blobs and the recording of their image leaves such ones.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) when the disk or the state fails; what was
    /// removed until then stays removed.
    pub async fn sweep(&self, grace: Duration) -> Result<Swept, Error> {
        let mut total = Swept::default();
        for batch in self
            .blocking(move |content| content.settled(grace))
            .await?
            .chunks(BATCH)
        {
            let _alone = self.recording.write().await;
            let referenced = self.state.referenced(batch).await?;
            // Asked again: one of them may have come anew since.
            let settled = self.blocking(move |content| content.settled(grace)).await?;
            let nobodys = batch
                .iter()
                .filter(|d| settled.contains(d) && !referenced.contains(d));
            let nobodys: Vec<_> = nobodys.copied().collect();
            let swept = self
                .blocking(move |content| content.remove(&nobodys))
                .await?;
            total.blobs += swept.blobs;
            total.bytes += swept.bytes;
        }
        Ok(total)
    }
}
