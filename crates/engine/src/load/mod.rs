mod assemble;
mod early;
mod receive;
mod resolve;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Instant;

use bytes::Bytes;
use futures_core::Stream;
use sockerless_archive::Skipped;
use sockerless_content::StagedBlob;
use sockerless_oci::{Platform, PlatformMatcher};
use sockerless_reference::{Digest, Reference};
use sockerless_state::{Added, Addition, Image};

use crate::layer_source::LayerSource;
use crate::notices::{Action, ImageNotice, labels_of};
use crate::publish::Parts;
use crate::{Engine, Error, Progress, journal};
use assemble::Assembly;

/// What a load is to do.
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
    /// What the archive lists that is not an image, and was not loaded.
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
    /// The layers that were not here before, base first; one that images share is the first one's.
    pub new_layers: Vec<LoadedLayer>,
    /// Names that pointed to another image before, with its ID.
    pub moved: Vec<(Reference, Digest)>,
}

/// A layer that a load brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadedLayer {
    /// Digest of the uncompressed tar.
    pub diff_id: Digest,
    /// Bytes of the layer as it was in the archive.
    pub size: u64,
}

impl Engine {
    /// Reads an image archive from `body` and keeps the images in it, all or none.
    ///
    /// With a staging repository every image is pushed there before it exists here, and `progress`
    /// tells how; without one there is nothing to tell. Work ends soon after the future is
    /// dropped.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) for a broken archive, with a message that names the entry, what was
    /// expected and what was found; what the registry said when staging failed. Nothing of the
    /// archive stays here.
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
        let (archive, early) = self.receive(body, platform, auth.as_deref(), turn).await?;
        let skipped = archive.skipped.clone();
        for artifact in &skipped.artifacts {
            tracing::info!(%artifact, "the archive lists something that is not an image: skipped");
        }
        let (known, pinned) = self.known_layers(&archive).await?;
        let Assembly {
            mut addition,
            staged,
        } = self
            .on_a_thread(move || assemble::assemble(archive, &known))
            .await??;
        let mut repo_digests = Vec::new();
        if let Some(staging) = &self.config.staging {
            let images = addition.images.clone();
            for image in &images {
                self.tell_of_another_platform(image);
                let mut parts = self.parts_of_load(image, &addition, &staged).await?;
                parts.early.clone_from(&early);
                let staged = self
                    .stage(
                        staging,
                        auth.as_deref(),
                        image,
                        &parts,
                        &mut addition,
                        progress,
                    )
                    .await?;
                repo_digests.push((image.target, staged));
            }
        }
        let images = addition.images.clone();
        let names = addition.names.clone();
        let notices = {
            let ids: Vec<_> = images.iter().map(|image| image.id).collect();
            let documents = addition.documents.clone();
            self.compute(move || notices(&ids, &documents)).await?
        };
        let added = self.record(staged, addition, notices, pinned).await?;
        let shown_names = journal::names(&names);
        let staged = repo_digests.len();
        let report = self.compute(move || report(&images, &names, &repo_digests, &added));
        let loaded = report.await?;
        let layers = loaded.images.iter().flat_map(|image| &image.new_layers);
        tracing::info!(
            images = loaded.images.len(),
            names = shown_names,
            new_layers = layers.clone().count(),
            new_bytes = layers.map(|layer| layer.size).fold(0, u64::saturating_add),
            staged,
            milliseconds = journal::since(begun),
            "images loaded"
        );
        Ok(Loaded { skipped, ..loaded })
    }

    /// Logs that an image has nothing for this daemon's platform: what is staged of it is for another.
    fn tell_of_another_platform(&self, image: &Image) {
        let own = &self.config.platform;
        if let Some(first) = image.variants.first()
            && !PlatformMatcher::new(own).matches_config(&first.platform)
        {
            let (id, platform) = (image.id, &first.platform);
            tracing::warn!(%id, %platform, "the image has nothing for {own}: it is staged for another platform");
        }
    }

    /// What an image is made of while its archive is being loaded.
    pub(crate) async fn parts_of_load(
        &self,
        image: &Image,
        addition: &Addition,
        staged: &[StagedBlob],
    ) -> Result<Parts, Error> {
        let mut parts = Parts {
            documents: addition.documents.iter().cloned().collect(),
            ..Parts::default()
        };
        let fresh = |digest| {
            let blob = staged.iter().find(|blob| blob.digest() == digest);
            blob.and_then(StagedBlob::path).map(Path::to_owned)
        };
        for blob in &image.blobs {
            let path = fresh(*blob);
            parts
                .layers
                .extend(path.map(|path| (*blob, LayerSource::File(path))));
        }
        for layer in image.variants.iter().flat_map(|variant| &variant.layers) {
            let source = match fresh(layer.digest) {
                Some(path) => Some(LayerSource::File(path)),
                None if layer.size == 0 => Some(LayerSource::Empty),
                None => self.source_of(layer.digest, layer.size).await?,
            };
            parts
                .layers
                .extend(source.map(|source| (layer.digest, source)));
        }
        Ok(parts)
    }
}

/// What is told of the images that were loaded.
fn notices(ids: &[Digest], documents: &[(Digest, Bytes)]) -> Vec<ImageNotice> {
    let documents: HashMap<_, _> = documents.iter().map(|(id, bytes)| (id, bytes)).collect();
    let notices = ids.iter().map(|id| {
        let labels = documents.get(id).map(|bytes| labels_of(bytes));
        ImageNotice::of_id(Action::Load, *id, labels.unwrap_or_default())
    });
    notices.collect()
}

fn report(
    images: &[sockerless_state::Image],
    names: &[(Reference, Digest)],
    repo_digests: &[(Digest, Reference)],
    added: &Added,
) -> Loaded {
    let mut fresh: HashSet<Digest> = added.new_blobs.iter().copied().collect();
    let images = images.iter().map(|image| {
        let named = names.iter().filter(|(_, target)| *target == image.target);
        let names: Vec<_> = named.map(|(name, _)| name.clone()).collect();
        let layers = image.variants.iter().flat_map(|variant| &variant.layers);
        let new_layers = layers
            .filter(|layer| fresh.remove(&layer.digest))
            .map(|layer| LoadedLayer {
                diff_id: layer.diff_id,
                size: layer.size,
            })
            .collect();
        let moved = added
            .moved
            .iter()
            .filter(|(name, _)| names.contains(name))
            .cloned()
            .collect();
        let staged = repo_digests
            .iter()
            .filter(|(target, _)| *target == image.target);
        LoadedImage {
            id: image.id,
            names,
            repo_digests: staged.map(|(_, name)| name.familiar().to_owned()).collect(),
            new_layers,
            moved,
        }
    });
    Loaded {
        images: images.collect(),
        skipped: Skipped::default(),
    }
}
