use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use sockerless_content::{KeptBlob, Swept};
use tokio::sync::Mutex;

use super::GRACE;
use crate::{Error, Images};

/// Blobs that are looked up and evicted at a time, so that loads are never held up for long.
const BATCH: usize = 256;

/// Only one eviction runs, and one that was asked for meanwhile waits for it.
#[derive(Debug, Default)]
pub(crate) struct Shrinking {
    running: Mutex<()>,
    waiting: AtomicBool,
}

impl Images {
    /// Removes the least recently used blobs until the folder has at most
    /// [`Config::cache_size`](crate::Config::cache_size) bytes.
    ///
    /// It takes only what the staging repository can give back, what no image needs and has been
    /// here longer than `grace`, and nothing that something that runs reads. So more than the limit
    /// may stay.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) when the disk or the state fails; what was
    /// removed until then stays removed.
    pub async fn shrink_cache(&self, grace: Duration) -> Result<Swept, Error> {
        let mut swept = Swept::default();
        let Some(limit) = self.config.cache_size else {
            return Ok(swept);
        };
        let _running = self.shrinking.running.lock().await;
        // Whoever asks from here on asks for what this one may have passed by already.
        self.shrinking.waiting.store(false, Ordering::SeqCst);
        if self.content.size() <= limit {
            return Ok(swept);
        }
        let settled = SystemTime::now() - grace;
        let oldest = self
            .blocking(|content| content.least_recently_used())
            .await?;
        for batch in oldest.chunks(BATCH) {
            let may_go = self.may_go(batch, settled).await?;
            if may_go.is_empty() {
                continue;
            }
            // No load is between its blobs and its names, and no pin is being set.
            let _alone = self.recording.write().await;
            let going = self.going(may_go, limit);
            let evicted = self.blocking(move |content| content.evict(&going)).await?;
            swept.blobs += evicted.blobs;
            swept.bytes += evicted.bytes;
            if self.content.size() <= limit {
                break;
            }
        }
        let size = self.content.size();
        tracing::debug!(
            blobs = swept.blobs,
            bytes = swept.bytes,
            size,
            "evicted blobs"
        );
        Ok(swept)
    }

    /// Lets the folder shrink, if it has to, without waiting for that.
    pub(crate) fn shrink_soon(&self) {
        let too_large = self
            .config
            .cache_size
            .is_some_and(|limit| self.content.size() > limit);
        if !too_large || self.shrinking.waiting.swap(true, Ordering::SeqCst) {
            return;
        }
        let images = self.clone();
        tokio::spawn(async move {
            if let Err(error) = images.shrink_cache(GRACE).await {
                tracing::error!(%error, "cannot make the content folder smaller");
            }
        });
    }

    /// Those of `blobs`, in their order, that can be had again, or that nobody needs and that are
    /// not about to be needed: those were here before `settled`. Who begins to need one afterwards
    /// uses it, which shows.
    async fn may_go(
        &self,
        blobs: &[KeptBlob],
        settled: SystemTime,
    ) -> Result<Vec<KeptBlob>, Error> {
        let digests: Vec<_> = blobs.iter().map(|blob| blob.digest).collect();
        let needed: HashSet<_> = self.state.referenced(&digests).await?.into_iter().collect();
        let staged = self.staged_blobs(&digests).await?;
        let may_go = blobs
            .iter()
            .filter(|blob| match needed.contains(&blob.digest) {
                true => staged.contains(&blob.digest),
                false => blob.since <= settled,
            });
        Ok(may_go.copied().collect())
    }

    /// The first of `blobs` that nothing has pinned and that make the folder small enough.
    fn going(&self, blobs: Vec<KeptBlob>, limit: u64) -> Vec<KeptBlob> {
        let free = self.pins.free(blobs.iter().map(|blob| blob.digest));
        let free: HashSet<_> = free.into_iter().collect();
        let mut left = self.content.size();
        let mut going = blobs;
        going.retain(|blob| {
            let goes = left > limit && blob.size > 0 && free.contains(&blob.digest);
            if goes {
                left = left.saturating_sub(blob.size);
            }
            goes
        });
        going
    }
}
