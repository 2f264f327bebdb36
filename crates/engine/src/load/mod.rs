mod assemble;
mod receive;
mod resolve;

use std::collections::HashSet;

use bytes::Bytes;
use futures_core::Stream;
use sockerless_content::ContentStore;
use sockerless_reference::{Digest, Reference};
use sockerless_state::{Added, Platform};

use crate::{Engine, Error, Kind};
use assemble::Assembly;

/// What a load is to do.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Load only this platform of every image.
    pub platform: Option<Platform>,
}

/// What a load did, when everything is committed.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The images in the archive's order.
    pub images: Vec<LoadedImage>,
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
    /// Work ends soon after the future is dropped.
    ///
    /// # Errors
    /// [`Kind::Internal`] for a broken archive, with a message that names the entry, what was
    /// expected and what was found. Nothing of the archive stays.
    pub async fn load<S, E>(&self, body: S, options: LoadOptions) -> Result<Loaded, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let archive = self.receive(body, options.platform).await?;
        let _recording = self.recording.read().await;
        let known = self.known_layers(&archive).await?;
        let Assembly { addition, staged } = assemble::assemble(archive, &known)?;
        self.blocking(move |content| content.commit(staged)).await?;
        let images = addition.images.clone();
        let names = addition.names.clone();
        let added = self.state.add(addition).await?;
        Ok(report(&images, &names, &added))
    }

    /// Does something with the content store on a thread that may block.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ContentStore) -> Result<T, sockerless_content::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let content = self.content.clone();
        let done = tokio::task::spawn_blocking(move || work(&content)).await;
        let done = done.map_err(|error| {
            Error::new(Kind::Internal, "the content store failed").with_source(error)
        })?;
        Ok(done?)
    }
}

fn report(
    images: &[sockerless_state::Image],
    names: &[(Reference, Digest)],
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
        LoadedImage {
            id: image.id,
            names,
            repo_digests: Vec::new(),
            new_layers,
            moved,
        }
    });
    Loaded {
        images: images.collect(),
    }
}
