//! The content folder as a cache of what the staging repository has.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use sockerless_content::{KeptBlob, Swept};
use sockerless_reference::Digest;
use tokio::sync::Mutex;

use super::{BATCH, GRACE, Retention};
use crate::Error;
use crate::encode::Encoding;

/// Only one eviction runs at a time, and at most one more waits for it.
#[derive(Debug, Default)]
pub(super) struct Shrinking {
    running: Mutex<()>,
    waiting: AtomicBool,
}

impl Retention {
    /// Removes the least recently used blobs until the folder has at most
    /// `Config::cache_size` bytes.
    ///
    /// It removes only blobs that the staging repository can give back, or that no image needs and
    /// have been here longer than `grace`, and none that is pinned. So more than the limit may
    /// stay.
    ///
    /// # Errors
    /// Those of the disk and of the state; what was removed until then stays removed.
    pub(crate) async fn shrink(&self, grace: Duration) -> Result<Swept, Error> {
        let mut swept = Swept::default();
        let Some(limit) = self.0.limit else {
            return Ok(swept);
        };
        let _running = self.0.shrinking.running.lock().await;
        // A request from here on needs another run: this one may miss what it is for.
        self.0.shrinking.waiting.store(false, Ordering::SeqCst);
        if self.0.content.size() <= limit {
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
            let evicted = self.removing().await.evict(may_go, limit).await?;
            swept.blobs += evicted.blobs;
            swept.bytes += evicted.bytes;
            if self.0.content.size() <= limit {
                break;
            }
        }
        let size = self.0.content.size();
        tracing::debug!(
            blobs = swept.blobs,
            bytes = swept.bytes,
            size,
            "evicted blobs"
        );
        Ok(swept)
    }

    /// Starts an eviction in the background, if one is needed.
    pub(crate) fn shrink_soon(&self) {
        let too_large = self
            .0
            .limit
            .is_some_and(|limit| self.0.content.size() > limit);
        if !too_large || self.0.shrinking.waiting.swap(true, Ordering::SeqCst) {
            return;
        }
        let retention = self.clone();
        tokio::spawn(async move {
            if let Err(error) = retention.shrink(GRACE).await {
                tracing::error!(%error, "cannot make the content folder smaller");
            }
        });
    }

    /// Those of `blobs`, in their order, that can be restored, or that no image needs and that were
    /// here before `settled`. One that is needed later is marked as used, which the eviction sees.
    async fn may_go(
        &self,
        blobs: &[KeptBlob],
        settled: SystemTime,
    ) -> Result<Vec<KeptBlob>, Error> {
        let digests: Vec<_> = blobs.iter().map(|blob| blob.digest).collect();
        let needed: HashSet<_> = self
            .0
            .state
            .referenced(&digests)
            .await?
            .into_iter()
            .collect();
        let staged = self.staged_blobs(&digests).await?;
        let may_go = blobs
            .iter()
            .filter(|blob| match needed.contains(&blob.digest) {
                true => staged.contains(&blob.digest),
                false => blob.since <= settled,
            });
        Ok(may_go.copied().collect())
    }

    /// Those of `digests` that the staging repository can give back to the byte: as they are, or
    /// decoded from their compressed form.
    ///
    /// Other registries do not count: they may remove what was pushed there, or require the
    /// credentials of the client that pushed it.
    async fn staged_blobs(&self, digests: &[Digest]) -> Result<HashSet<Digest>, Error> {
        let Some(staging) = &self.0.staging else {
            return Ok(HashSet::new());
        };
        let state = &self.0.state;
        // Each with the digest that the repository must have.
        let mut forms: Vec<_> = digests.iter().map(|digest| (*digest, *digest)).collect();
        for encoding in Encoding::COMPRESSED {
            let became = state.encodings(digests, encoding.name()).await?;
            forms.extend(became.iter().map(|became| (became.diff_id, became.digest)));
        }
        let wanted: Vec<_> = forms.iter().map(|(_, form)| *form).collect();
        let locations = state.locations(&wanted).await?;
        let name = staging.repository();
        let there = locations.into_iter().filter(|(_, at)| at == name);
        let there: HashSet<_> = there.map(|(form, _)| form).collect();
        let staged = forms.into_iter().filter(|(_, form)| there.contains(form));
        Ok(staged.map(|(digest, _)| digest).collect())
    }
}
