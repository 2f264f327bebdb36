//! Removing the blobs of removed images.

use std::time::Duration;

use sockerless_reference::Digest;

use super::{BATCH, Retention};
use crate::Error;

impl Retention {
    /// Removes those of `released` that no image needs any more, and returns how many bytes that
    /// freed. Blobs that a load has recorded meanwhile stay, and those that a running operation
    /// reads.
    ///
    /// # Errors
    /// Those of the disk and of the state; what was removed until then stays removed.
    pub(crate) async fn remove(&self, released: Vec<Digest>) -> Result<u64, Error> {
        if !self.0.content.keeps() {
            return Ok(0);
        }
        let mut bytes = 0;
        for batch in released.chunks(BATCH) {
            let removing = self.removing().await;
            bytes += removing.remove(batch, Duration::ZERO).await?.bytes;
        }
        Ok(bytes)
    }
}
