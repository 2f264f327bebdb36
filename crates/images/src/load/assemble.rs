//! Turns a verified archive into the images, names and blobs to record.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use jiff::Timestamp;
use sockerless_archive::{
    Archive, ArchiveImage, ArchiveLayer, ArchiveVariant, Blob as ArchiveBlob, Compression,
    Document, ManifestLayer, Presence, Target,
};
use sockerless_content::StagedBlob;
use sockerless_reference::Digest;
use sockerless_state::{Addition, Blob, Image, Layer, Origin, Variant};

use super::LoadedLayer;
use super::report::Outline;
use super::resolve::KnownLayers;
use crate::Error;
use sockerless_oci::media_type;

/// What a load is about to make visible, in this order.
pub(super) struct Assembly {
    /// The blobs that an image needs.
    pub(super) staged: Vec<StagedBlob>,
    /// The images and their names.
    pub(super) addition: Addition,
    /// What is reported of each image afterwards.
    pub(super) outlines: Vec<Outline>,
    /// The IDs of the images, each once, with their configs.
    pub(super) configs: Vec<(Digest, Bytes)>,
}

/// Makes the records of a verified archive.
///
/// # Errors
/// When a layer that the archive omits is not known.
pub(super) fn assemble(archive: Archive, known: &KnownLayers) -> Result<Assembly, Error> {
    let Archive { images, blobs, .. } = archive;
    let facts = blobs
        .iter()
        .map(|blob| (blob.staged.digest(), blob))
        .collect();
    let mut parts = Parts {
        facts,
        known,
        addition: Addition::default(),
        seen: HashSet::new(),
        places: HashMap::new(),
        outlines: Vec::new(),
        configs: Configs::default(),
    };
    for image in images {
        parts.image(image)?;
    }
    let Parts {
        addition,
        outlines,
        configs,
        ..
    } = parts;
    let mut needed: HashSet<Digest> = addition.blobs.iter().map(|blob| blob.digest).collect();
    needed.extend(addition.images.iter().flat_map(|image| &image.blobs));
    let staged = blobs.into_iter().map(|blob| blob.staged);
    let staged = staged
        .filter(|blob| needed.remove(&blob.digest()))
        .collect();
    Ok(Assembly {
        staged,
        addition,
        outlines,
        configs: configs.in_order,
    })
}

struct Parts<'a> {
    facts: HashMap<Digest, &'a ArchiveBlob>,
    known: &'a KnownLayers,
    addition: Addition,
    /// Documents and blobs that are in the addition already.
    seen: HashSet<Digest>,
    /// Where each target is among the images.
    places: HashMap<Digest, usize>,
    outlines: Vec<Outline>,
    configs: Configs,
}

/// The configs of images, each once.
#[derive(Default)]
struct Configs {
    seen: HashSet<Digest>,
    in_order: Vec<(Digest, Bytes)>,
}

/// A platform of an image, and what was made for it.
struct Made {
    variant: Variant,
    manifest: Document,
    config: Bytes,
}

impl Parts<'_> {
    fn image(&mut self, image: ArchiveImage) -> Result<(), Error> {
        let ArchiveImage {
            target,
            variants,
            documents,
            blobs,
            names,
        } = image;
        let mut made: Vec<Variant> = Vec::with_capacity(variants.len());
        let mut default = None;
        let mut layers = Vec::new();
        let mut missing = None;
        for variant in variants {
            match self.variant(variant, &mut layers) {
                Ok(variant) => {
                    made.push(variant.variant);
                    default.get_or_insert((variant.manifest, variant.config));
                }
                // A platform without its layers is left out; the first one must be complete.
                Err(error) if made.is_empty() => return Err(error),
                Err(error) => missing = Some(error),
            }
        }
        if let Some(error) = missing {
            tracing::info!(%error, "a platform of the image is not complete and is left out");
        }
        let (Some((manifest, config)), Some(id)) = (default, made.first().map(|v| v.config)) else {
            return Err(Error::internal(
                "the archive has an image without platforms",
            ));
        };
        let (origin, target) = match target {
            Some(target) => (Origin::Original, target),
            None => (
                Origin::Generated,
                Target {
                    document: manifest,
                    media_type: media_type::OCI_MANIFEST.to_owned(),
                },
            ),
        };
        let digest = target.document.digest;
        let pointers = names.iter().map(|name| (name.clone(), digest));
        self.addition.names.extend(pointers);
        // Two items of the archive may turn out to be one image, when one of them omits a layer of
        // the other.
        if let Some(place) = self.places.get(&digest) {
            let outline = &mut self.outlines[*place];
            outline.names.extend(names);
            outline.layers.extend(layers);
            return Ok(());
        }
        self.places.insert(digest, self.outlines.len());
        self.outlines.push(Outline { id, names, layers });
        if self.configs.seen.insert(id) {
            self.configs.in_order.push((id, config));
        }
        let image = Image {
            target: digest,
            media_type: target.media_type,
            size: target.document.bytes.len() as u64,
            id,
            origin,
            variants: made,
            documents: documents.iter().map(|document| document.digest).collect(),
            blobs,
            loaded_at: Timestamp::now(),
        };
        self.document(target.document);
        documents
            .into_iter()
            .for_each(|document| self.document(document));
        self.addition.images.push(image);
        Ok(())
    }

    /// Adds the layers that no previous image has to `fresh`.
    fn variant(
        &mut self,
        variant: ArchiveVariant,
        fresh: &mut Vec<(Digest, LoadedLayer)>,
    ) -> Result<Made, Error> {
        let ArchiveVariant {
            platform,
            manifest,
            config,
            created,
            layers,
        } = variant;
        let layers = layers
            .iter()
            .enumerate()
            .map(|(index, layer)| self.layer(index, layer, fresh));
        let layers: Vec<_> = layers.collect::<Result<_, _>>()?;
        let manifest = match manifest {
            Some(manifest) => manifest,
            None => generate(&config, &layers)?,
        };
        let variant = Variant {
            platform,
            manifest: manifest.digest,
            config: config.digest,
            layers,
            created,
        };
        self.document(manifest.clone());
        self.document(config.clone());
        Ok(Made {
            variant,
            manifest,
            config: config.bytes,
        })
    }

    fn layer(
        &mut self,
        index: usize,
        layer: &ArchiveLayer,
        fresh: &mut Vec<(Digest, LoadedLayer)>,
    ) -> Result<Layer, Error> {
        let ArchiveLayer {
            diff_id,
            entry,
            descriptor,
            presence,
        } = layer;
        let diff_id = *diff_id;
        let mut brought = |digest, size| fresh.push((digest, LoadedLayer { diff_id, size }));
        let urls = descriptor
            .as_ref()
            .map(|d| d.urls.clone())
            .unwrap_or_default();
        let described = descriptor.as_ref().map(|d| d.media_type.clone());
        let described = described.filter(|media_type| !media_type.is_empty());
        let missing = || {
            let message = format!(
                "layer {index} ({entry:?}) is not in the archive, and no verified layer with \
                 diff_id {diff_id} is here"
            );
            Error::internal(message)
        };
        match *presence {
            Presence::Here(digest) => {
                let blob = self.facts.get(&digest).ok_or_else(missing)?;
                let facts = blob
                    .layer()
                    .map_err(|error| Error::internal(error.to_string()).with_source(error))?;
                let media_type = described.unwrap_or_else(|| layer_type(blob.compression));
                let size = blob.staged.size();
                if self.seen.insert(digest) {
                    brought(digest, size);
                    self.addition.blobs.push(Blob {
                        digest,
                        size,
                        media_type: media_type.clone(),
                        diff_id,
                        tar_size: facts.size,
                        content_size: facts.content_size,
                    });
                }
                Ok(Layer {
                    diff_id,
                    digest,
                    size,
                    media_type,
                    urls,
                    content_size: Some(facts.content_size),
                })
            }
            Presence::LeftOut => {
                let candidates = self.known.get(&diff_id).map_or(&[][..], Vec::as_slice);
                let wanted = descriptor.as_ref().map(|descriptor| descriptor.digest);
                let fits = |blob: &&Blob| wanted.is_none_or(|digest| blob.digest == digest);
                let blob = candidates.iter().find(fits).ok_or_else(missing)?;
                let media_type = described.unwrap_or_else(|| blob.media_type.clone());
                // The image that had it may be removed meanwhile, and what is known of it too.
                if self.seen.insert(blob.digest) {
                    brought(blob.digest, blob.size);
                    self.addition.blobs.push(blob.clone());
                }
                Ok(Layer {
                    diff_id,
                    digest: blob.digest,
                    size: blob.size,
                    media_type,
                    urls,
                    content_size: Some(blob.content_size),
                })
            }
            Presence::Foreign => {
                let descriptor = descriptor.as_ref().ok_or_else(missing)?;
                Ok(Layer {
                    diff_id,
                    digest: descriptor.digest,
                    size: descriptor.size,
                    media_type: descriptor.media_type.clone(),
                    urls,
                    content_size: None,
                })
            }
        }
    }

    fn document(&mut self, document: Document) {
        if self.seen.insert(document.digest) {
            self.addition
                .documents
                .push((document.digest, document.bytes));
        }
    }
}

fn generate(config: &Document, layers: &[Layer]) -> Result<Document, Error> {
    let layers: Vec<_> = layers
        .iter()
        .map(|layer| ManifestLayer {
            media_type: layer.media_type.clone(),
            digest: layer.digest,
            size: layer.size,
            urls: layer.urls.clone(),
        })
        .collect();
    sockerless_archive::generate(config, &layers)
        .map_err(|error| Error::internal("cannot make a manifest").with_source(error))
}

/// The media type of a layer that came without one.
fn layer_type(compression: Compression) -> String {
    let base = media_type::OCI_LAYER;
    match compression {
        Compression::None => base.to_owned(),
        other => format!("{base}+{other}"),
    }
}
