//! Loads image archives: receive, resolve omitted layers, stage, and record, all or nothing.

mod assemble;
mod early;
mod fresh;
mod receive;
mod report;
mod resolve;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::FutureExt;
use sockerless_archive::Skipped;
use sockerless_oci::{Platform, PlatformMatcher};
use sockerless_reference::{Digest, Reference};
use sockerless_state::Image;

use crate::{Error, Images, Progress, journal};
use assemble::Assembly;
pub(crate) use fresh::Fresh;
use report::report;
use sockerless_events::Action;

/// The options of a load.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Load only this platform of every image.
    pub platform: Option<Platform>,
    /// The `X-Registry-Auth` header as it came, for the staging registry.
    pub auth: Option<String>,
}

/// What a load did, when everything is committed.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The images in the archive's order.
    pub images: Vec<LoadedImage>,
    /// What the archive lists that is not an image and was not loaded.
    pub skipped: Skipped,
}

/// One loaded image.
#[derive(Debug, Clone)]
pub struct LoadedImage {
    /// Its ID.
    pub id: Digest,
    /// The names that the archive gave it, in its order.
    pub names: Vec<Reference>,
    /// `repository@digest` under which it can be pulled.
    pub repo_digests: Vec<String>,
    /// The layers that were not here before, base first; one that images share is listed with the
    /// first.
    pub new_layers: Vec<LoadedLayer>,
    /// Names that pointed to another image before, with its ID.
    pub moved: HashMap<Reference, Digest>,
}

/// A layer that a load brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadedLayer {
    /// Digest of the uncompressed tar.
    pub diff_id: Digest,
    /// Bytes of the layer as it was in the archive.
    pub size: u64,
}

impl Images {
    /// Reads an image archive from `body` and keeps the images in it, all or none.
    ///
    /// With a staging repository every image is pushed there before it exists here, which
    /// `progress` reports. Work ends soon after the future is dropped.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) for a broken archive, with a message that names
    /// the entry, what was expected and what was found; the registry's error when staging failed.
    /// Nothing of the archive is kept then.
    pub async fn load<S, E>(
        &self,
        body: S,
        options: LoadOptions,
        progress: &Progress,
    ) -> Result<Loaded, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let begun = Instant::now();
        let LoadOptions { platform, auth } = options;
        let turn = self.loads.turn().await?;
        let share = self.memory.share_of_load(&self.config.limits);
        let auth = auth.as_deref();
        let (archive, early) = self.receive(body, platform, auth, turn, &share).await?;
        share.all_is_read();
        let skipped = archive.skipped.clone();
        for artifact in &skipped.artifacts {
            tracing::info!(%artifact, "the archive lists something that is not an image: skipped");
        }
        let (known, pinned) = self.known_layers(&archive).await?;
        let Assembly {
            mut addition,
            staged,
            outlines,
            configs,
        } = self
            .on_a_thread(move || assemble::assemble(archive, &known))
            .await??;
        let mut pullable = Vec::new();
        if let Some(staging) = &self.config.staging {
            let (fresh, early) = (Fresh::of(&addition, &staged), Arc::new(early));
            let images = std::mem::take(&mut addition.images);
            for image in &images {
                self.tell_of_another_platform(image);
                let mut parts = self.parts_of_load(image, &fresh).await?;
                parts.early = Arc::clone(&early);
                let staged = self.stage(staging, auth, image, &parts, &mut addition, progress);
                pullable.push(staged.await?);
            }
            addition.images = images;
        }
        let staged_images = pullable.len();
        let shown_names = journal::names(&addition.names);
        let images = self.clone();
        let tell = async move { images.publish_of_configs(Action::Load, configs).await };
        let added = self
            .retention
            .record(staged, addition, tell.boxed(), pinned)
            .await?;
        drop(share);
        let loaded = self
            .compute(move || report(outlines, pullable, added))
            .await?;
        let layers = loaded.images.iter().flat_map(|image| &image.new_layers);
        tracing::info!(
            images = loaded.images.len(),
            names = shown_names,
            new_layers = layers.clone().count(),
            new_bytes = layers.map(|layer| layer.size).fold(0, u64::saturating_add),
            staged = staged_images,
            milliseconds = journal::since(begun),
            "images loaded"
        );
        Ok(Loaded { skipped, ..loaded })
    }

    /// Logs that an image has nothing for this daemon's platform: the staged form is for another
    /// one.
    fn tell_of_another_platform(&self, image: &Image) {
        let own = &self.config.platform;
        if let Some(first) = image.variants.first()
            && !PlatformMatcher::new(own).matches_config(&first.platform)
        {
            let (id, platform) = (image.id, &first.platform);
            tracing::warn!(%id, %platform, "the image has nothing for {own}: it is staged for another platform");
        }
    }
}
