//! The two locks that exclude each other: recording and removing.

#![expect(clippy::disallowed_methods, reason = "this is where the lock is held")]

use std::collections::HashSet;
use std::time::Duration;

use sockerless_content::{KeptBlob, StagedBlob, Swept};
use sockerless_reference::Digest;
use tokio::sync::{RwLockReadGuard, RwLockWriteGuard};

use super::Inner;
use crate::{Error, threads};

/// Permission to make blobs visible: none is removed while this lives. Several may live at once.
pub(crate) struct Recording<'a> {
    inner: &'a Inner,
    _shared: RwLockReadGuard<'a, ()>,
}

/// Permission to remove blobs: none becomes visible and none is pinned while this lives.
pub(super) struct Removing<'a> {
    inner: &'a Inner,
    _alone: RwLockWriteGuard<'a, ()>,
}

impl<'a> Recording<'a> {
    pub(super) async fn new(inner: &'a Inner) -> Self {
        Self {
            inner,
            _shared: inner.lock.read().await,
        }
    }

    /// Makes blobs visible.
    ///
    /// # Errors
    /// Those of the disk; blobs that were made visible stay so.
    pub(crate) async fn commit(&self, staged: Vec<StagedBlob>) -> Result<(), Error> {
        threads::with_content(&self.inner.content, move |content| content.commit(staged)).await
    }
}

impl<'a> Removing<'a> {
    pub(super) async fn new(inner: &'a Inner) -> Self {
        Self {
            inner,
            _alone: inner.lock.write().await,
        }
    }

    /// Removes those of `digests` that no image needs and that nothing has pinned.
    ///
    /// # Errors
    /// Those of the disk and of the state; what was removed until then stays removed.
    pub(super) async fn remove(&self, digests: &[Digest], grace: Duration) -> Result<Swept, Error> {
        let needed = self.inner.state.referenced(digests).await?;
        let needed: HashSet<_> = needed.into_iter().collect();
        let unneeded = digests.iter().filter(|digest| !needed.contains(*digest));
        let going = self.inner.pins.free(unneeded.copied());
        let content = &self.inner.content;
        threads::with_content(content, move |content| content.remove(&going, grace)).await
    }

    /// Evicts the first of `blobs` that nothing has pinned, until the folder has at most `limit`
    /// bytes.
    ///
    /// # Errors
    /// Those of the disk; what was evicted until then stays evicted.
    pub(super) async fn evict(&self, blobs: Vec<KeptBlob>, limit: u64) -> Result<Swept, Error> {
        let free = self.inner.pins.free(blobs.iter().map(|blob| blob.digest));
        let free: HashSet<_> = free.into_iter().collect();
        let mut left = self.inner.content.size();
        let mut going = blobs;
        going.retain(|blob| {
            let goes = left > limit && blob.size > 0 && free.contains(&blob.digest);
            if goes {
                left = left.saturating_sub(blob.size);
            }
            goes
        });
        let content = &self.inner.content;
        threads::with_content(content, move |content| content.evict(&going)).await
    }
}
