//! Pushing an image into a repository: what staging and `docker push` share.

mod layer;
mod originals;
mod plan;

pub(crate) use originals::attached;
pub(crate) use plan::media_type_of;

/// The form in which layers are pushed, also where nothing is staged.
pub(crate) use crate::StagingCompression as Form;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt, TryFutureExt};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use sockerless_archive::{Document, ManifestLayer};
use sockerless_oci::media_type;
use sockerless_reference::Digest;
use sockerless_registry::{Progress as Told, Repository, Source, TagOrDigest};
use sockerless_state::{Image, Layer, Variant};

use crate::encode::Encoding;
use crate::layer_source::LayerSource;
use crate::progress::{LayerStep, Progress, Update};
use crate::{Error, Images};

/// Layers that are uploaded at once: more only compete for the same two cores and connections.
pub(crate) const UPLOADS: usize = 4;

impl Form {
    /// The encoding that all layers get; `None` when each stays as it is here. A manifest that has
    /// exactly this form already is kept byte for byte.
    pub(crate) fn encoding(self) -> Option<Encoding> {
        match self {
            Self::Keep => None,
            Self::Gzip => Some(Encoding::Gzip),
            Self::Zstd => Some(Encoding::Zstd),
            Self::None => Some(Encoding::Plain),
        }
    }
}

/// Where an image goes, and in which form.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    pub(crate) repository: Repository,
    /// The repository's canonical name.
    pub(crate) name: String,
    pub(crate) form: Form,
}

/// All parts of an image, wherever they are.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Configs, manifests and indexes.
    pub(crate) documents: HashMap<Digest, Bytes>,
    /// Layers and other blobs.
    pub(crate) layers: HashMap<Digest, LayerSource>,
    /// Layer blobs that were sent already for this image.
    pub(crate) early: Arc<HashSet<Digest>>,
}

/// An image that a repository has now.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    pub(crate) manifest: Document,
    pub(crate) media_type: String,
}

/// A layer that is being pushed, with the digests that identify it.
type Sending<'a> = BoxFuture<'a, Result<((Digest, Digest), ManifestLayer), Error>>;

impl Parts {
    pub(crate) fn document(&self, digest: Digest) -> Result<Document, Error> {
        let bytes = self.documents.get(&digest).cloned();
        let bytes = bytes.ok_or_else(|| {
            Error::internal(format!("document {digest} of the image is not here"))
        })?;
        Ok(Document { digest, bytes })
    }
}

impl Images {
    /// Pushes one platform of an image: layers, config, then the manifest by its digest.
    pub(crate) async fn publish(
        &self,
        variant: &Variant,
        parts: &Parts,
        to: &Destination,
        progress: &Progress,
    ) -> Result<Published, Error> {
        let manifest = parts.document(variant.manifest)?;
        let config = parts.document(variant.config)?;
        let form = match plan::has_form(&manifest, to.form) {
            true => Form::Keep,
            false => to.form,
        };
        let mut going = Vec::with_capacity(variant.layers.len());
        let mut seen = HashSet::with_capacity(variant.layers.len());
        for layer in &variant.layers {
            if seen.insert((layer.digest, layer.diff_id)) {
                let plan = self.plan(layer, form, parts, to).await?;
                progress.layer(layer.diff_id, LayerStep::Preparing).await;
                going.push((layer, plan));
            }
        }
        let sends: Vec<Sending<'_>> = going
            .into_iter()
            .map(|(layer, plan)| {
                let early = parts.early.contains(&layer.digest);
                let sent = self.send(layer, plan, early, to, progress);
                sent.map_ok(|sent| ((layer.digest, layer.diff_id), sent))
                    .boxed()
            })
            .collect();
        let sent: HashMap<_, _> = stream::iter(sends)
            .buffer_unordered(UPLOADS)
            .try_collect()
            .await?;

        let bytes = Source::bytes(config.bytes.clone());
        let size = config.bytes.len() as u64;
        let pushed = to
            .repository
            .push_blob(&config.digest, size, &bytes, &Told::none())
            .await;
        pushed.map_err(Error::registry)?;

        let (manifest, media_type) = match form {
            Form::Keep => {
                let media_type = media_type_of(&manifest);
                (manifest, media_type)
            }
            _ => {
                let layers = variant.layers.iter();
                let layers = layers.filter_map(|layer| sent.get(&(layer.digest, layer.diff_id)));
                let layers: Vec<_> = layers.cloned().collect();
                let manifest = sockerless_archive::generate(&config, &layers).map_err(|error| {
                    Error::internal("cannot make a manifest").with_source(error)
                })?;
                (manifest, media_type::OCI_MANIFEST.to_owned())
            }
        };
        self.put(&to.repository, &manifest, &media_type, None)
            .await?;
        Ok(Published {
            manifest,
            media_type,
        })
    }

    /// Brings one layer into the repository, for an image that is still to come.
    pub(crate) async fn publish_layer(
        &self,
        layer: &Layer,
        source: LayerSource,
        to: &Destination,
    ) -> Result<(), Error> {
        let layers = HashMap::from([(layer.digest, source)]);
        let parts = Parts {
            layers,
            ..Parts::default()
        };
        let plan = self.plan(layer, to.form, &parts, to).await?;
        self.send(layer, plan, false, to, &Progress::none())
            .await
            .map(|_| ())
    }

    /// Puts a manifest or index under its digest or a tag.
    pub(crate) async fn put(
        &self,
        repository: &Repository,
        manifest: &Document,
        media_type: &str,
        tag: Option<&str>,
    ) -> Result<(), Error> {
        let name = match tag {
            None => TagOrDigest::Digest(manifest.digest),
            Some(tag) => TagOrDigest::Tag(tag.to_owned()),
        };
        let put = repository
            .put_manifest(&name, media_type, manifest.bytes.clone())
            .await;
        put.map(|_| ()).map_err(Error::registry)
    }

    /// All parts of `image`, from the state, the disk and the registries that are known to have
    /// them, with the credentials of [`repository_near`](Images::repository_near).
    pub(crate) async fn parts(&self, image: &Image, near: &Repository) -> Result<Parts, Error> {
        let mut parts = Parts::default();
        let variants = image.variants.iter();
        let mut wanted: Vec<_> = variants.flat_map(|v| [v.manifest, v.config]).collect();
        wanted.push(image.target);
        wanted.extend(&image.documents);
        for digest in wanted {
            if let Some(bytes) = self.state.document(digest).await? {
                parts.documents.insert(digest, bytes);
            }
        }
        for layer in image.variants.iter().flat_map(|variant| &variant.layers) {
            let source = self.source_near(layer.digest, layer.size, Some(near));
            if let Some(source) = source.await? {
                parts.layers.insert(layer.digest, source);
            }
        }
        Ok(parts)
    }
}

impl Progress {
    async fn layer(&self, id: Digest, step: LayerStep) {
        self.tell(Update::Layer { id, step }).await;
    }
}
