use std::collections::HashSet;
use std::time::Duration;

use sockerless_reference::Digest;

use crate::{Error, Images};

/// Blobs that are looked up and removed at a time, so that loads are never held up for long.
const BATCH: usize = 256;

impl Images {
    /// Removes blobs from the disk that no image needs any more, and answers how many bytes that
    /// gave back. What a load has brought meanwhile stays, and what something that runs reads.
    pub(super) async fn remove_blobs(&self, released: Vec<Digest>) -> Result<u64, Error> {
        if !self.keeps_layers() {
            return Ok(0);
        }
        let mut bytes = 0;
        for batch in released.chunks(BATCH) {
            // No load is between its blobs and its names.
            let _alone = self.recording.write().await;
            let needed: HashSet<_> = self.state.referenced(batch).await?.into_iter().collect();
            let nobodys = batch.iter().filter(|digest| !needed.contains(*digest));
            let nobodys = self.pins.free(nobodys.copied());
            let swept = self
                .blocking(move |content| content.remove(&nobodys, Duration::ZERO))
                .await?;
            bytes += swept.bytes;
        }
        Ok(bytes)
    }
}
