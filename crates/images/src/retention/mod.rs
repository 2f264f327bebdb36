//! Which blobs stay on the disk, and for how long.
//!
//! A blob becomes visible before the image that needs it is recorded, so a removal could take it
//! for one that no image needs. [`Retention`] is the only place that makes blobs visible and
//! removes them: the first through a [`Recording`], the second through a [`Removing`], and the two
//! exclude each other.
//! `clippy.toml` bans the store's own methods for that everywhere else.

mod evict;
mod lock;
mod pins;
mod record;
mod remove;
mod sweep;

use std::sync::Arc;
use std::time::Duration;

use sockerless_content::ContentStore;
use sockerless_reference::Reference;
use sockerless_state::StateStore;
use tokio::sync::RwLock;

use self::evict::Shrinking;
use self::lock::{Recording, Removing};
pub(crate) use self::pins::Pinned;
use self::pins::Pins;
use crate::{Config, Error, threads};

/// How long a blob may be without an image after it was made visible or last verified: far longer
/// than it takes until an image refers to it.
pub const GRACE: Duration = Duration::from_secs(3600);

/// Blobs that are looked up and removed at a time, so that loads never wait for long.
const BATCH: usize = 256;

/// Makes blobs visible, keeps those that are needed, and removes the others. Cheap to clone: a
/// handle.
#[derive(Debug, Clone)]
pub(crate) struct Retention(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    content: ContentStore,
    state: Arc<dyn StateStore>,
    /// As [`Config::cache_size`].
    limit: Option<u64>,
    /// The repository that can give blobs back.
    staging: Option<Reference>,
    lock: RwLock<()>,
    pins: Pins,
    shrinking: Shrinking,
}

impl Retention {
    pub(crate) fn new(config: &Config, state: Arc<dyn StateStore>, content: ContentStore) -> Self {
        let staging = config.staging.as_ref();
        Self(Arc::new(Inner {
            content,
            state,
            limit: config.cache_size,
            staging: staging.map(|staging| staging.repository.clone()),
            lock: RwLock::default(),
            pins: Pins::default(),
            shrinking: Shrinking::default(),
        }))
    }

    /// Protects blobs from removal while the returned guard lives. It waits for a removal that has
    /// begun: what is here afterwards stays.
    pub(crate) async fn pin(
        &self,
        digests: impl IntoIterator<Item = sockerless_reference::Digest>,
    ) -> Pinned {
        let pinned = self.0.pins.pin(digests);
        drop(self.recording().await);
        pinned
    }

    /// Waits until nothing removes blobs, and prevents removals.
    pub(crate) async fn recording(&self) -> Recording<'_> {
        Recording::new(&self.0).await
    }

    /// Waits until nothing is being recorded, and prevents recordings.
    async fn removing(&self) -> Removing<'_> {
        Removing::new(&self.0).await
    }

    /// Runs a function with the content store on a thread that may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ContentStore) -> Result<T, sockerless_content::Error> + Send + 'static,
    ) -> Result<T, Error> {
        threads::with_content(&self.0.content, work).await
    }
}
